// The report of a run as text: title, what ran where, the timeline, what ss saw, the findings, and the result line last.
import type { Timeline } from '../../timeline/schema.ts';
import type { Diagnosis, Result } from '../../verdict/schema.ts';
import { rowsOf } from '../rows/rows.ts';
import { drawDiagnoses } from '../words/diagnoses.ts';
import { drawFindings } from '../words/findings.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { drawHeading } from '../words/heading.ts';
import { drawLeftOpen } from '../words/left-open.ts';
import type { Detail } from '../words/moments.ts';
import { painter } from '../words/paint.ts';
import type { Screen } from '../words/screen.ts';
import { columns } from '../words/text.ts';
import { drawWarnings } from '../words/warnings.ts';
import { drawLanes } from './lanes.ts';
import { drawList } from './list.ts';
import { drawResultLine } from './result-line.ts';
import { drawSamples } from './samples.ts';
import { shownResult } from './shown-result.ts';

export type { Detail };

/**
 * Draw the report of one run. `quiet` shows findings and the result line only; `full` shows every event and every
 * sample of ss as well. The text ends with a newline.
 */
export const renderReport = ({
  timeline,
  result: given,
  screen,
  detail,
}: {
  timeline: Timeline;
  result: Result;
  screen: Screen;
  detail: Detail;
}): string => {
  const result = shownResult(given);
  const sections =
    detail === 'quiet'
      ? [drawFindings(result.findings, screen), drawDiagnoses(result.diagnoses ?? [], screen)]
      : [
          drawHeading(result, screen, detail === 'full'),
          drawTimeline(timeline, detail, screen),
          ...(detail === 'full' ? [[heading('Samples of ss', screen), ...drawSamples(timeline, screen)]] : []),
          result.findings.length > 0 ? [heading('Findings', screen), '', ...drawFindings(result.findings, screen)] : [],
          result.diagnoses && !(result.error && result.diagnoses.length === 0)
            ? [heading('Diagnosis', screen), '', ...diagnosisLines(result.diagnoses, screen)]
            : [],
          result.diagnoses ? leftOpenLines(timeline, screen) : [],
        ];
  return [...sections, drawWarnings(timeline, result, screen), drawResultLine(result, screen)]
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
};

const leftOpenLines = (timeline: Timeline, screen: Screen): string[] => {
  const lines = drawLeftOpen(timeline, screen);
  return lines.length > 0 ? [heading('Left open when a program ended, as ss last saw it', screen), '', ...lines] : [];
};

const diagnosisLines = (diagnoses: Diagnosis[], screen: Screen): string[] => {
  const drawn = drawDiagnoses(diagnoses, screen);
  if (diagnoses.some(({ harmless }) => !harmless)) return drawn;
  return [' Nothing that finwait knows is wrong here.', ...(drawn.length > 0 ? ['', ...drawn] : [])];
};

const drawTimeline = (timeline: Timeline, detail: Detail, screen: Screen): string[] => {
  if (timeline.events.length === 0) return [];
  const inLanes = screen.isTerminal && drawLanes(rowsOf(timeline, detail, glyphsFor(screen)), timeline, screen);
  return inLanes || drawList(timeline, detail, screen);
};

const heading = (text: string, screen: Screen): string => {
  const paint = painter(screen.colour);
  const width = Math.min(screen.width, 100);
  return ` ${paint('heading', text)} ${paint('faint', glyphsFor(screen).rule.repeat(Math.max(0, width - columns(text) - 3)))}`;
};
