import { describe, expect, test } from 'vitest';
import { problemWith, type Word } from './check.ts';
import { hostWords } from './host-words.ts';
import { nodeProcessWords, nodeServerWords, nodeSocketWords } from './node-words.ts';
import { processWords, programWords } from './process-words.ts';
import { rawCallWords, rawProcessWords } from './raw-words.ts';
import { scriptWords } from './script-words.ts';
import { wireWords } from './wire-words.ts';

const server = { name: 'server', address: '192.0.2.2' };
const words: Record<string, Word> = {
  ...named('host', hostWords),
  ...named('process', { ...processWords, ...nodeProcessWords }),
  ...named('raw', { ...rawCallWords, ...rawProcessWords }),
  ...named('listener', nodeServerWords),
  ...named('socket', nodeSocketWords),
  ...named('program', programWords),
  ...named('wire', wireWords),
  ...named('script', scriptWords),
};
function named(of: string, table: object): Record<string, Word> {
  return Object.fromEntries(Object.entries(table).map(([name, word]) => [`${of}.${name}`, word]));
}
const problem = (name: string, ...args: unknown[]) => problemWith(`${name}()`, words[name] as Word, args as never[]);

describe('a wrong argument is refused in one sentence: the word, the argument, what it takes, what it was given', () => {
  const linger = 'as value of SO_LINGER { on: true or false, seconds: a whole number from 0 }';
  test.each<[name: string, args: unknown[], sentence: string]>([
    [
      'socket.setsockopt',
      ['SOL_SOCKET', 'SO_LINGER', { onoff: 1, linger: 0 }],
      `${linger}, and was given { onoff: 1, linger: 0 }.`,
    ],
    ['socket.setsockopt', ['SOL_SOCKET', 'SO_LINGER', { on: true, seconds: 0, more: 1 }], linger],
    ['socket.setsockopt', ['SOL_SOCKET', 'SO_LINGER', { on: 1, seconds: 0 }], linger],
    ['raw.setsockopt', [3, 'SOL_SOCKET', 'SO_LINGER', 0], linger],
    [
      'socket.setsockopt',
      ['SOL_TCP', 'TCP_NODELAY', 1],
      "as level 'SOL_SOCKET' or 'IPPROTO_TCP', and was given 'SOL_TCP'.",
    ],
    ['socket.setsockopt', ['SOL_SOCKET', 'TCP_NODELAY', 1], 'as option of SOL_SOCKET one of SO_REUSEADDR,'],
    ['socket.setsockopt', ['IPPROTO_TCP', 'TCP_KEEPCNT'], 'as value a value, and was given nothing.'],
    [
      'socket.setsockopt',
      ['IPPROTO_TCP', 'TCP_KEEPCNT', '3'],
      "as value of TCP_KEEPCNT a whole number, and was given '3'.",
    ],
    ['socket.setsockopt', ['IPPROTO_TCP', 'TCP_KEEPCNT', Number.NaN], 'and was given NaN.'],
    ['socket.setsockopt', ['IPPROTO_TCP', 'TCP_INFO', 1], 'as value of TCP_INFO no value: it can only be read'],
    ['raw.getsockopt', [3, 'IPPROTO_TCP', 'TCP_NO_SUCH'], 'as option of IPPROTO_TCP one of TCP_NODELAY,'],
    ['process.listen', [70_000], 'as port a port from 0 to 65535, and was given 70000.'],
    ['process.listen', [50_000, { bcklog: 3 }], 'as options nothing but address, backlog, allowHalfOpen,'],
    ['process.listen', [50_000, 3], 'as options an object of address, backlog,'],
    ['process.listen', [50_000, { backlog: -1 }], 'as options.backlog a whole number from 0, and was given -1.'],
    ['process.connect', [undefined, 50_000], 'as to a host of the lab or an address, and was given nothing.'],
    ['process.connect', [50_000], 'as to a host of the lab or an address, and was given 50000.'],
    ['process.connect', [server, 50_000.5], 'as port a port from 0 to 65535'],
    ['process.connect', [server, 50_000, { timeout: -1 }], 'as options.timeout milliseconds from 0, and was given -1.'],
    [
      'process.connect',
      [server, 50_000, { timeout: 2 ** 31 }],
      'as options.timeout milliseconds from 0, and was given 2147483648.',
    ],
    ['raw.connect', [3, 'server', 50_000], 'as to a host of the lab or an IP address'],
    ['raw.send', [3, 5], 'as data a text, or { bytes: a whole number from 0 }, and was given 5.'],
    ['raw.send', [3, { bytes: -1 }], 'as data'],
    ['raw.send', [3, 'x', ['MSG_NO_SUCH']], "as flags a list of 'MSG_OOB',"],
    ['raw.shutdown', [3, 'SHUT_UP'], "as how 'SHUT_RD', 'SHUT_WR' or 'SHUT_RDWR', and was given 'SHUT_UP'."],
    ['raw.close', [], 'as descriptor a descriptor, a whole number, and was given nothing.'],
    ['raw.close', ['3'], 'as descriptor'],
    ['socket.write', [], 'as data'],
    ['socket.setTimeout', [Number.NaN], 'as milliseconds milliseconds from 0, and was given NaN.'],
    ['socket.setTimeout', [Number.POSITIVE_INFINITY], 'and was given Infinity.'],
    ['socket.setNoDelay', [1], 'as on true or false, and was given 1.'],
    ['socket.event', ['ended'], "as name 'connect', 'data', 'end',"],
    ['socket.event', ['end', { timeout: 5 }], 'as options nothing but timeoutMs, and was given { timeout: 5 }.'],
    ['socket.event', ['end', { timeoutMs: -5 }], 'as options.timeoutMs milliseconds from 1, and was given -5.'],
    ['listener.event', ['data'], "as name 'listening', 'connection', 'close', 'error' or 'drop'"],
    ['socket.react', [{ on: 'connection', do: 'end' }], "as reaction.on 'data', 'end', 'error' or 'timeout'"],
    ['socket.react', [{ on: 'end', do: 'close' }], "as reaction.do 'end', 'destroy',"],
    ['socket.react', [{ on: 'data', do: 'write' }], "as reaction.args of 'write' the data"],
    ['socket.react', [{ on: 'end', do: 'destroy', args: [1] }], "no reaction.args for 'destroy', and was given [ 1 ]."],
    [
      'listener.react',
      [{ on: 'connection', do: 'setsockopt', args: ['IPPROTO_TCP', 'TCP_QUICKACK'] }],
      'as value of TCP_QUICKACK a whole number, and was given nothing.',
    ],
    [
      'listener.react',
      [{ on: 'connection', do: 'echo' }],
      "'echo' as reaction.do only on 'data', and was given 'connection'.",
    ],
    ['listener.react', [{ on: 'data', do: 'echo', after: 5 }], 'as reaction nothing but on, do, args, afterMs'],
    ['process.kill', ['SIGNOSUCH'], "as signal the name of a signal such as SIGTERM, and was given 'SIGNOSUCH'."],
    ['process.kill', [9], 'as signal'],
    ['process.exit', [256], 'as code an exit code from 0 to 255, and was given 256.'],
    ['process.freeze', [5], 'process.freeze() takes no argument, and was given 5.'],
    ['host.node', [{ nam: 'x' }], 'as options nothing but name, limits'],
    ['host.node', [{ limits: { nofile: 0 } }], 'as options.limits.nofile a whole number from 1, and was given 0.'],
    ['host.spawn', ['nc', '-l'], "as args a list of texts, and was given '-l'."],
    ['host.spawn', ['nc', ['-l', 5]], "as args a list of texts, and was given [ '-l', 5 ]."],
    ['host.spawn', ['nc', [], { environment: {} }], 'as options nothing but name, limits, calls, env, cwd'],
    ['host.spawn', [''], "as command a text that is not empty, and was given ''."],
    ['host.sysctl', [5], 'as name a text that is not empty, and was given 5.'],
    ['script.stage', ['name', { undisturbd: true }, () => {}], 'as options nothing but undisturbed, and was given'],
    ['script.stage', ['name', { undisturbed: true }], 'as script a function, and was given nothing.'],
    ['raw.socket', ['AF_UNIX'], "as domain 'AF_INET'"],
    ['host.sysctl', ['net.ipv4.tcp_sack', Number.NaN], 'as value a number or a text, and was given NaN.'],
    ['host.route', ['quick', 1], "as metric 'advmss',"],
    ['host.until', ['FIN_WAIT2'], "as state 'CLOSED',"],
    ['host.until', ['LISTEN', { port: 5 }], 'as filter nothing but localPort, peerPort, state, timeoutMs'],
    ['host.untilGone', [], 'as filter an object of localPort,'],
    ['program.output', ['listening'], "as pattern a regular expression, and was given 'listening'."],
    ['wire.cut', ['both'], "as from 'client', 'proxy' or 'server', and was given 'both'."],
    ['wire.cut', [server], 'and was given the host server.'],
    ['wire.link', ['server', 'off'], "as state 'down' or 'up', and was given 'off'."],
    [
      'wire.drop',
      ['FIN'],
      "as predicate a condition: carries('FIN'), sent('client') or a function of a segment, and was given 'FIN'.",
    ],
    ['wire.drop', [() => true, { times: 0 }], 'as rule.times a whole number from 1, and was given 0.'],
    ['wire.drop', [() => true, { form: 'client' }], 'as rule nothing but times, from, and was given'],
    ['wire.delay', [-1], 'as milliseconds milliseconds from 0, and was given -1.'],
    ['wire.release', [{ frame: 5 }], 'as segments a list of segments that wire.held() gave'],
    [
      'wire.release',
      [[undefined]],
      'as segments a list of segments that wire.held() gave, and was given [ undefined ].',
    ],
    [
      'wire.replay',
      [undefined],
      'as segment a segment that wire.seen(), wire.next() or wire.held() gave, and was given nothing.',
    ],
    ['wire.inject', [{ flags: 'S' }], "as fields.from 'client', 'proxy' or 'server', and was given nothing."],
    ['wire.inject', [{ from: 'client', flags: 'SYN' }], 'as fields.flags flags by their letters'],
    ['wire.inject', [{ from: 'client', flags: 'S', windows: 5 }], 'as fields nothing but from, flags,'],
    ['wire.inject', [{ from: 'client', flags: 'S', options: { mss: -1 } }], 'as fields.options.mss a window'],
    ['wire.next', [], 'as predicate'],
    ['script.stage', ['name'], 'as script a function, and was given nothing.'],
    ['script.observe', ['1s'], "as milliseconds milliseconds from 0, and was given '1s'."],
    ['script.observe', [100, { everyMs: 0 }], 'as options.everyMs milliseconds from 1, and was given 0.'],
    ['script.note', [5], 'as text a text, and was given 5.'],
  ])('%s(%j)', (name, args, sentence) => {
    const said = problem(name, ...args);
    expect(said).toContain(sentence);
    expect(said).toMatch(new RegExp(`^${name.replace('.', '\\.')}\\(\\) takes .*, and was given .*\\.$`, 's'));
  });
});

test.each<[name: string, args: unknown[]]>([
  ['socket.setsockopt', ['SOL_SOCKET', 'SO_LINGER', { on: true, seconds: 0 }]],
  ['socket.setsockopt', ['SOL_SOCKET', 'SO_RCVTIMEO', 0.5]],
  ['raw.setsockopt', [3, 'IPPROTO_TCP', 'TCP_CONGESTION', 'cubic']],
  ['raw.recv', [-1, 0]],
  ['process.listen', [0, { address: '0.0.0.0', backlog: undefined }]],
  ['process.connect', [server, 1, { localPort: 5 }]],
  ['process.connect', ['localhost', 1]],
  ['raw.connect', [3, '::1', 1]],
  ['host.sysctl', ['net.ipv4.conf.wire.arp_notify']],
  ['host.spawn', ['nc', ['-l'], { env: { A: 'b' }, cwd: '/tmp', name: undefined }]],
  ['wire.release', []],
  ['wire.link', [server, 'down']],
  ['wire.inject', [{ from: 'client', flags: '', seq: -1, options: { timestamps: { value: 1, echo: 0 } } }]],
  ['socket.end', []],
  ['script.stage', ['name', () => {}]],
  ['script.stage', ['name', { undisturbed: true }, () => {}]],
])('what is right passes: %s(%j)', (name, args) => {
  expect(problem(name, ...args)).toBeUndefined();
});

test('every word refuses an argument too many', () => {
  for (const [name, { parameters }] of Object.entries(words)) {
    expect(problem(name, ...Array(parameters.length + 1).fill(0))).toMatch(
      /takes (no argument|no more than .*), and was/,
    );
  }
});
