// Gathers what the page of a run knows: its diagram, and for each event everything there is to say about it.
import { readPcap } from '../../packet/pcap.ts';
import { type HostName, hostsIn, perHost } from '../../record/hosts.ts';
import type { SegmentEvent, Timeline, TimelineEvent } from '../../timeline/schema.ts';
import type { Result } from '../../verdict/schema.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { headingFacts } from '../words/heading.ts';
import { eventWords } from '../words/one-line.ts';
import { isByProgram, programWords } from '../words/program-words.ts';
import { listed } from '../words/text.ts';
import { idsOfFrames } from '../words/words.ts';
import type { PageData } from './content.ts';
import { keptSamples } from './page-samples.ts';
import { sceneOf } from './scene.ts';

export type PageInput = {
  timeline: Timeline;
  result: Result;
  /** The experiment's source, its name as it shall be shown, and whether today's experiment is another. */
  source?: { file: string; text: string; differs?: boolean };
  /** The hosts' pcap files, for the bytes of each frame. */
  captures?: Record<HostName, Uint8Array>;
};

/** Bytes of a frame the page keeps. */
const mostBytes = 192;
/** Segments whose bytes the page keeps. */
const mostFrames = 4000;

export const pageData = ({ timeline, result, source, captures }: PageInput): PageData => {
  const diagnoses = numbered(result.diagnoses);
  const cited = new Set([
    ...result.findings.flatMap(({ cases }) => cases.flatMap(({ evidence }) => evidence)),
    ...diagnoses.flatMap(({ evidence }) => evidence),
  ]);
  const scene = sceneOf(timeline, cited);
  const { samples, rows, omitted: samplesLeft } = keptSamples(timeline, cited);
  const { frames, omitted: framesLeft } = keptFrames(timeline, captures);
  const glyphs = glyphsFor({ unicode: true });
  const ids = idsOfFrames(timeline.events);
  return {
    title: result.title,
    experiment: result.experiment,
    findings: result.findings,
    diagnoses,
    facts: headingFacts(result, { unicode: true }, true),
    events: timeline.events.map((event) => ({
      ...withoutPaths(event),
      words: eventWords(event, glyphs, ids),
      ...(isByProgram(event.cause) ? { byProgram: programWords(event.cause, event) } : {}),
    })),
    samples,
    rows,
    scene,
    descriptors: timeline.descriptors ?? [],
    connections: timeline.connections,
    frames,
    source,
    duration: timeline.duration,
    omitted: [...scene.omitted, ...samplesLeft, ...framesLeft],
  };
};

/** `fault-1`: what a diagnosis is chosen by. */
export const numbered = (diagnoses: Result['diagnoses'] = []): PageData['diagnoses'] =>
  diagnoses.map((one, index) => ({ id: `fault-${index + 1}`, ...one }));

/** Where the project lies on the machine of the run is nobody's business. */
const withoutPaths = (event: TimelineEvent): TimelineEvent =>
  'source' in event && event.source && 'line' in event.source
    ? ({
        ...event,
        source: { file: event.source.file.replace(/^.*\/(?=experiments\/)/, ''), line: event.source.line },
      } as TimelineEvent)
    : event;

const keptFrames = ({ events }: Timeline, captures: PageInput['captures']) => {
  const frames: PageData['frames'] = {};
  if (!captures) return { frames, omitted: [] };
  const packets = perHost((host) => readPcap(captures[host]).packets, hostsIn(captures));
  const segments = events.filter((event): event is SegmentEvent => event.kind === 'segment');
  for (const { id, from, to, packet } of segments.slice(0, mostFrames)) {
    const host = packet[from] === undefined ? to : from;
    const captured = packets[host][(packet[host] ?? 0) - 1];
    if (captured)
      frames[id] = {
        bytes: Buffer.from(captured.data.subarray(0, mostBytes)).toString('base64'),
        length: captured.originalLength,
        host,
      };
  }
  const left = segments.length - mostFrames;
  return {
    frames,
    omitted:
      left > 0
        ? [
            `the bytes of the last ${left} segments (they are in ${listed(hostsIn(captures).map((host) => `${host}.pcap`))})`,
          ]
        : [],
  };
};
