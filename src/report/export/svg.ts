// The sequence diagram of a run as an SVG file of its own: no script, plain colours that any viewer knows.
import type { Timeline } from '../../timeline/schema.ts';
import type { Result } from '../../verdict/schema.ts';
import { drawDiagram } from '../page/browser/diagram.ts';
import { lanesIn, leastWidth } from '../page/browser/lanes.ts';
import { escapeText } from '../page/browser/text.ts';
import { sceneOf } from '../page/scene.ts';
import { describeEvent } from '../words/one-line.ts';

const usualWidth = 1120;
const top = 74;
/** Taller pictures no viewer opens. */
const tallest = 60_000;

/** A whole file. In the readable scale of time unless `scale` is 1. */
export const renderSvg = (timeline: Timeline, { title, experiment, environment }: Result, scale: 0 | 1 = 0): string => {
  const scene = sceneOf(timeline, new Set());
  const whole = scene.height[scale];
  const height = Math.min(whole, tallest);
  const width = Math.max(usualWidth, Math.round(leastWidth(scene) * 1.4));
  const { lanes } = lanesIn(width, scene);
  const names = lanes.map(
    ({ x, width: room }, index) =>
      `<text class="lane" x="${x + room / 2}" y="${top - 14}" text-anchor="middle">${scene.lanes[index]?.title}</text>`,
  );
  const lines = new Map(timeline.events.map((event) => [event.id, describeEvent(event)]));
  const drawn = drawDiagram(scene, {
    width,
    scale,
    from: 0,
    to: height,
    letter: 7.23,
    classesOf: () => '',
    attributesOf: () => '',
    titleOf: (item) => lines.get(item.id) ?? item.text,
  });
  const rest = height < whole ? `<text x="20" y="${height - 6}">The rest of this run is not drawn.</text>` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + top}" viewBox="0 0 ${width} ${height + top}" role="img">
<title>${escapeText(title)}</title>
<style>${style}</style>
<rect width="${width}" height="${height + top}" fill="#fff"/>
<text class="title" x="16" y="28">${escapeText(title)}</text><text class="faint" x="${width - 16}" y="28" text-anchor="end">${escapeText(experiment)} · Linux ${escapeText(environment.kernel)} · times in ${scene.unit}</text>
${names.join('')}<path d="M8 ${top - 4}H${width - 8}" stroke="#dfe2e0"/>
<g transform="translate(0 ${top})">${drawn}${rest}</g>
</svg>
`;
};

const states: Record<string, string> = {
  LISTEN: '#6b7f92',
  'SYN-SENT': '#14939f',
  'SYN-RECEIVED': '#1f9b86',
  ESTABLISHED: '#3b9a4c',
  'FIN-WAIT-1': '#2f7fd6',
  'FIN-WAIT-2': '#5566d8',
  CLOSING: '#9b4fd0',
  'TIME-WAIT': '#83689f',
  'CLOSE-WAIT': '#d1851a',
  'LAST-ACK': '#cc5b33',
};
const inks: Record<string, string> = {
  syn: '#157f6b',
  fin: '#96590a',
  rst: '#b3261e',
  failed: '#b3261e',
  data: '#14699c',
  emit: '#14699c',
  ack: '#56616b',
  wire: '#87379a',
  process: '#87379a',
  nodeCall: '#4d5862',
  output: '#4d5862',
  closed: '#4d5862',
  note: '#4d5862',
};

const style = [
  "text{font:12px ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1b2126}",
  '.title{font:600 18px system-ui,sans-serif}.lane{font:600 12.5px system-ui,sans-serif;fill:#4d5862}.faint,.note{fill:#626c75}',
  '.hit,.leader.along{fill:none}.rail{stroke:#dfe2e0;stroke-dasharray:1 4;fill:none}.band rect{fill-opacity:.15}.band .edge{fill-opacity:1}.band.s-LISTEN rect{fill-opacity:.65}',
  '.fold rect{fill:#f6f6f4}.fold path{fill:none;stroke:#9aa3aa}.fold text,.margin text{fill:#4d5862}.line{fill:none;stroke:#1b2126;stroke-width:1.6}.cross{fill:none;stroke:#b3261e;stroke-width:2.4}.made{fill:#87379a}',
  '.across{fill:none;stroke:#dfe2e0;stroke-width:1.2}.leader,.ticks path{fill:none;stroke:#9aa3aa;stroke-width:.8}.c-call .label{font-weight:600}.c-stage text{font:650 13px system-ui,sans-serif}',
  ...Object.entries(states).map(([state, colour]) => `.s-${state} rect{fill:${colour}}`),
  ...Object.entries(inks).map(
    ([name, colour]) =>
      `.c-${name} .label,.c-${name}>text{fill:${colour}}.c-${name} .line{stroke:${colour}}.c-${name} .head{fill:${colour}}`,
  ),
].join('');
