// What a script is given. Each call is a step: it resolves when the call has returned and the wire is quiet (no segment
// for 50 ms), unless the call is purely local. Running only records: a refused connect or a reset is evidence, never an
// exception.
import type { Host } from './host.ts';
import type { WireControl } from './wire.ts';

/** What a script is given. */
export type Script = {
  /** The host that connects. */
  client: Host;
  /** The host that is connected to. */
  server: Host;
  /** The host between them, in an experiment with `proxy: true`: both reach it, and not each other. */
  proxy: Host;
  /** What lies between the hosts: with a proxy, on either side of it. */
  wire: WireControl;
  /**
   * Name a part of the script. Findings look at one part with `during(name)`. Names are unique in a run. Gives what
   * `script` gives.
   */
  stage<T>(name: string, script: () => Promise<T>): Promise<T>;
  /**
   * The same without the observer's influence, for what rests on when and how often the kernel sends again or when it
   * gives up: segments pass at once (freeRun), ss looks at the stage's beginning and end only, and the kernels begin
   * without what they learned of each other. Make the connection in the stage. In between, `untilGone` waits for what
   * `ss -E` tells, which is silent of a socket as long as a process holds it; `until` and `sockets` cannot be used.
   */
  stage<T>(name: string, options: StageOptions, script: () => Promise<T>): Promise<T>;
  /** Leave a sentence in the timeline. */
  note(text: string): void;
  /** `quick` shortens the waits that only stretch an experiment; `article` keeps the article's or the kernel's own values. */
  pace: 'quick' | 'article';
  /**
   * Play a script in packetdrill's notation, a file beside the experiment's: its segments stand for the client, whose
   * kernel takes no part any more; its system calls are made on the server, by a process and a port of their own. It
   * ends at the first line that is not as written, which `followsScript` tells. In lockstep ss looks at all hosts
   * after each line; in freeRun it looks while the script goes on.
   */
  packetdrill(file: string): Promise<void>;
  /**
   * Let time pass while ss is sampled, or until a promise is kept. Gives whether the time had passed by then. Use it only
   * to show that nothing happens, or beside a program that goes on.
   */
  observe(milliseconds: number, options?: ObserveOptions): Promise<boolean>;
};

/** How `observe` looks, and what ends it. */
export type ObserveOptions = {
  /** Between two looks. Default 100. */
  everyMs?: number;
  /** Ends it sooner: the end of a program, a segment. */
  until?: Promise<unknown>;
};

/** How a stage is run. */
export type StageOptions = {
  /** Without the observer's influence on the kernels' timers. Default false. */
  undisturbed?: boolean;
};
