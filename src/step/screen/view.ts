// What somebody who steps through a run is shown.
import type { HostName } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import type { TimelineEvent } from '../../timeline/schema.ts';

/** A segment that waits to be delivered, or a call that waits to be made. */
export type HeldView =
  | {
      kind: 'segment';
      frame: number;
      from: HostName;
      to: HostName;
      text: string;
      flags: string;
      length: number;
      sourcePort: number;
      destinationPort: number;
      /** What the script's own rules will do with it. */
      rule?: string;
      /** Milliseconds it has been held. */
      waited: number;
    }
  | { kind: 'call'; what: string; place?: string; code?: string };

export type StepView = {
  experiment: string;
  /** The call of the script under way. `place` is `close-both-sides.ts:17`, `code` what stands there. */
  call?: { step: number; what: string; place?: string; code?: string };
  hosts: readonly HostName[];
  /** What ss showed of each host, and how many milliseconds ago. */
  rows: Record<HostName, SocketRow[]>;
  ages: Record<HostName, number>;
  /** What has happened so far. */
  events: TimelineEvent[];
  held?: HeldView;
  /** Segments that wait behind the held one, first come first. */
  behind: { frame: number; from: HostName; to: HostName; text: string }[];
  /** What goes on, while nothing is held. */
  activity: string;
  /** How far the run goes on by itself: `running to the next call`. */
  running?: string;
  message?: string;
  /** The name of a state while it is typed, and the states it can stand for so far. */
  typed?: { text: string; states: string[] };
  isHelp: boolean;
};
