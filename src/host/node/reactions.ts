// What a process does by itself when an event happens, without asking the script: `server.on('connection', (socket) =>
// socket.end())`.

/**
 * `do` is a call on the object the event happened to; for 'connection' on the accepted socket. 'echo' writes back what
 * 'data' brought.
 */
export type Reaction = {
  /** A server (its accepted sockets included) or a socket; every one when absent. */
  target?: string;
  on: string;
  do: string;
  args?: unknown[];
  /** Milliseconds between the event and the call; in the event's own turn when absent. */
  afterMs?: number;
  /** How many events to react to; every one when absent. */
  times?: number;
};

export type Reactions = ReturnType<typeof createReactions>;

/** The reactions in force, and whom they apply to. */
export const createReactions = () => {
  const reactions: Reaction[] = [];
  return {
    add: (reaction: Reaction) => reactions.push({ ...reaction }),
    /** An event happened to one of `targets` (a socket and the server that accepted it): make the calls asked for. */
    happened: (event: string, targets: (string | undefined)[], act: (api: string, args: unknown[]) => void) => {
      for (const reaction of reactions) {
        const { target, on, do: api, args = [], afterMs, times } = reaction;
        if (on !== event || times === 0 || (target !== undefined && !targets.includes(target))) continue;
        if (times !== undefined) reaction.times = times - 1;
        if (afterMs === undefined) act(api, args);
        else setTimeout(act, afterMs, api, args);
      }
    },
  };
};
