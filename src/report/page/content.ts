// What the page of a run knows, as types: page-data.ts writes it into the page as JSON, browser/run.ts reads it there.
import type { HostName } from '../../record/hosts.ts';
import type { Connection, Descriptor, TimelineEvent } from '../../timeline/schema.ts';
import type { Diagnosis, FindingResult } from '../../verdict/schema.ts';
import type { Scene } from './shapes.ts';

export type PageEvent = TimelineEvent & {
  /** What happened, without where and when. */
  words: string;
  /** Who did it, where it was a program and no call is recorded. */
  byProgram?: string;
};

export type StoredSample = {
  id: string;
  host: HostName;
  begin: number;
  end: number;
  reason: string;
  ok: boolean;
  /** Indexes into the table of rows. */
  rows: number[];
};

export type PageData = {
  title: string;
  experiment: string;
  findings: FindingResult[];
  /** Each with the id it is chosen by. */
  diagnoses: (Diagnosis & { id: string })[];
  facts: [name: string, text: string][];
  events: PageEvent[];
  samples: StoredSample[];
  /** Rows of ss, of which most stand in many samples: `samples` name them by index. */
  rows: string[];
  /** Who had which socket, where programs were traced. */
  descriptors: Descriptor[];
  scene: Scene;
  connections: Connection[];
  /** The first bytes of each segment's frame as a host captured it, base64, by event id. */
  frames: Record<string, { bytes: string; length: number; host: HostName }>;
  source?: { file: string; text: string; differs?: boolean };
  duration: number;
  /** What the page leaves out, in words. */
  omitted: string[];
};
