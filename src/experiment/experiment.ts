// What an experiment is: a script that only records, and findings that judge the record afterwards.

import type { HostName } from '../record/hosts.ts';
import type { Source } from '../record/source.ts';
import type { Finding } from '../verdict/finding.ts';
import { callSite } from './call-site.ts';
import type { Script } from './vocabulary.ts';

/** The five articles, by the names under which their pages are generated. */
export type Article =
  | 'connection-states'
  | 'close-variants'
  | 'disconnect-experiments'
  | 'establish-and-release'
  | 'tcpdump-observation';

/** What `experiment({ … })` takes. */
export type Experiment = {
  /** What it is about, in one line. */
  title: string;
  /** The article its findings come from, several when it serves several; none when it is an experiment of one's own. */
  article?: Article | Article[];
  /** Sysctls set on a host before the script starts. */
  sysctls?: { [host in HostName]?: Record<string, number | string> };
  /** Give the hosts an IPv6 address each beside the IPv4 one: `client.address6`, `server.address6`. */
  ipv6?: boolean;
  /**
   * Neither kernel sends data or a FIN again before this many seconds (`rto_min` of ip-route(8), and no tail loss
   * probe), instead of after 0.2. For experiments that ask nothing of the retransmission timer: a segment that the wire
   * has kept for long, because the cores were busy, is then not sent again meanwhile. A SYN is sent again after 1 s all
   * the same, and an orphan's FIN-WAIT-2 lasts 3.5 times as long or longer.
   */
  retransmitAfterSeconds?: number;
  /**
   * Begin in freeRun instead of lockstep. Default false. For thousands of connections, or a race of timers that pauses
   * would decide.
   */
  freeRun?: boolean;
  /**
   * Both ends are on one host, the client, and nothing is on a wire: its loopback is captured, and the timeline's two
   * hosts are the end that connects and the end that is connected to. Programs are started with `spawn`. Begins in freeRun.
   * Default false.
   */
  oneHost?: true;
  /**
   * A third host, the proxy, stands between client and server, with a wire on each side: they reach it, and not each
   * other. Default false.
   */
  proxy?: true;
  /** Say what is wrong with the programs, as far as the record shows it (docs/diagnoses.md). Default false. */
  diagnose?: boolean;
  /**
   * Programs that a machine may lack: `['go']`. They are looked for on the user's PATH before the script begins; where one
   * is not there, the script is not played and none of the cases is applicable on this machine, which changes no verdict.
   */
  needs?: string[];
  /** The longest wait in it that cannot be shortened, seconds. Default 0. `run all` begins those with the longest first. */
  longestWaitSeconds?: number;
  /** The script may take this many seconds before the run is given up. Default 120. */
  timeoutSeconds?: number;
  /** Files kept in the run's folder beside the evidence, by name. */
  files?: Record<string, string>;
  /** The script. It only records. */
  run(script: Script): Promise<void>;
  /** The findings, by the id of the statement: A1, B3 … There may be none: `{}`. */
  findings: Record<string, Finding>;
  /**
   * Other experiments with cases of the same statement, by its id: `{ D6: ['time-wait-taken'] }`. The answer names them,
   * because a verdict of some cases is not that of the statement.
   */
  furtherCases?: Record<string, string[]>;
};

/** Define an experiment: the default export of a file under experiments/<topic>/. */
export const experiment = (definition: Experiment): Experiment => {
  const source = callSite();
  if (source && typeof definition === 'object' && definition !== null) sites.set(definition, source);
  return definition;
};

/** The line an experiment is defined at. */
export const siteOf = (definition: Experiment): Source | undefined => sites.get(definition);

const sites = new WeakMap<Experiment, Source>();
