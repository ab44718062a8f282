// What a run has recorded by now, as the events its timeline will have: the causes on the screen are those of the report.
import { timelineSoFar } from '../judge/analyze.ts';
import type { Plan } from '../recording/schema.ts';
import type { TimelineEvent } from '../timeline/schema.ts';

export const liveEvents = () => {
  let run: { folder: string; plan: Plan } | undefined;
  let events: TimelineEvent[] = [];
  let isStale = false;
  let readAt = 0;
  let took = 0;

  const read = ({ folder, plan }: { folder: string; plan: Plan }) => {
    const begin = performance.now();
    events = timelineSoFar(folder, plan).events;
    readAt = performance.now();
    took = readAt - begin;
    isStale = false;
  };
  return {
    begin: (folder: string, plan: Plan) => {
      run = { folder, plan };
    },
    events: (): TimelineEvent[] => events,
    /** Something new is recorded. */
    touch: () => {
      isStale = true;
    },
    /** Read again what is new. A capture comes a little after its frame: until it is there, the frame is no event. */
    refresh: (frame: number | undefined) => {
      const isMissing =
        frame !== undefined && !events.some((event) => event.kind === 'segment' && event.frame === frame);
      // A long run takes long to be understood: most of the time is for the run.
      if (run && (isStale || isMissing) && performance.now() - readAt >= 5 * took) read(run);
    },
  };
};
