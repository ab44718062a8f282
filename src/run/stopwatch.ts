// How long the phases of a run take.

export type Stopwatch = ReturnType<typeof startStopwatch>;

export const startStopwatch = (onPhase?: (name: string) => void) => {
  const phases: { name: string; ms: number }[] = [];
  let begun = performance.now();
  const end = () => {
    const last = phases.at(-1);
    if (last) last.ms = Math.round(performance.now() - begun);
    begun = performance.now();
  };
  return {
    phase: (name: string) => {
      end();
      phases.push({ name, ms: 0 });
      onPhase?.(name);
    },
    stop: () => {
      end();
      return phases;
    },
  };
};
