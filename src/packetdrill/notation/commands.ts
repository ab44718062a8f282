// Commands in backticks. packetdrill runs them in a shell on its own machine; here they may only set sysctls of the
// kernel side's host, as nearly all of them do. The includes that packetdrill's own scripts begin with are known by
// name.
import { unsupported } from './pkt-error.ts';

/** A sysctl of the host. `optional`: set it where the kernel has it. */
export type Setting = { name: string; value: string; optional?: true } | { restore: true };

/** The settings a command stands for. Throws PktError for any other command. */
export const parseCommand = (command: string, line: number): Setting[] =>
  command
    .split(/\n|;|&&/)
    .map((one) =>
      one
        .replace(/(>|2>)+\s*\/dev\/null/g, '')
        .replace(/\s2>&1/g, '')
        .trim(),
    )
    .filter((one) => one !== '' && !one.startsWith('#'))
    .flatMap((one) => parseOne(one, line));

const parseOne = (command: string, line: number): Setting[] => {
  const [program = '', ...words] = splitWords(command, line);
  if (/(^|\/)defaults\.sh$/.test(program) && words.length === 0) return defaults;
  if (/(^|\/)set_sysctls\.py$/.test(program)) return words.map((word) => assignment(word, line, command));
  if (/sysctl_restore_[^/]*\.sh$/.test(program)) return [{ restore: true }];
  if (program === 'sysctl')
    return words.filter((word) => !/^-[qw]+$/.test(word)).map((word) => assignment(word, line, command));
  if (program === 'echo' && words.length === 3 && words[1] === '>')
    return [assignment(`${words[2]}=${words[0]}`, line, command)];
  throw refusal(command, line);
};

const refusal = (command: string, line: number) =>
  unsupported(
    line,
    `The command \`${command}\` is`,
    'Only sysctls under net. can be set: `sysctl -q net.ipv4.tcp_sack=0`, `defaults.sh`, `set_sysctls.py`, `echo 0 > /proc/sys/net/…`.',
  );

/** Words, with quotes taken off. */
const splitWords = (command: string, line: number): string[] => {
  if (/\$(?!\{PPID\})|[|<*?]/.test(command)) throw refusal(command, line);
  const spaced = command.replaceAll(/\s*(?<![=\d])>\s*/g, ' > ');
  return [...spaced.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replaceAll(/["']/g, ''));
};

/** `net.ipv4.tcp_sack=0`, or the same by its path under /proc/sys. */
const assignment = (word: string, line: number, command: string): Setting => {
  const [, left = '', value = ''] = /^([^=]+)=(.+)$/.exec(word) ?? [];
  const name = left.replace(/^\/proc\/sys\//, '').replaceAll('/', '.');
  // Only what belongs to a network namespace: anything else would reach the machine itself.
  if (!/^net\.[\w.-]+$/.test(name) || name.includes('..')) throw refusal(command, line);
  return { name, value };
};

/**
 * What packetdrill's defaults.sh sets (that of the Linux selftests), of the sysctls a namespace has. It also flushes
 * the TCP metrics, of which a new namespace has none, and puts the device on a FIFO.
 */
const defaults: Setting[] = Object.entries({
  tcp_rmem: '4096 540000 15728640',
  tcp_wmem: '4096 262144 4194304',
  tcp_timestamps: '1',
  tcp_syn_retries: '5',
  tcp_synack_retries: '5',
  tcp_frto: '2',
  tcp_sack: '1',
  tcp_dsack: '1',
  tcp_fack: '0',
  tcp_reordering: '3',
  tcp_congestion_control: 'cubic',
  tcp_slow_start_after_idle: '0',
  tcp_early_retrans: '4',
  tcp_recovery: '1',
  tcp_tso_win_divisor: '3',
  tcp_ecn: '0',
  tcp_pacing_ss_ratio: '200',
  tcp_pacing_ca_ratio: '120',
  tcp_notsent_lowat: '4294967295',
  tcp_fastopen: '3',
  tcp_syncookies: '1',
}).map(([name, value]) => ({ name: `net.ipv4.${name}`, value, optional: true }));
