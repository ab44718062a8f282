// The top of a report: what was run, and on what.
import { addressOf, hostsOfLab } from '../../record/hosts.ts';
import type { Environment, Result } from '../../verdict/schema.ts';
import { glyphsFor } from './glyphs.ts';
import { painter } from './paint.ts';
import type { Screen } from './screen.ts';
import { columns, wrap } from './text.ts';
import { inheritedWords, timersInFull, timersInShort } from './timer-words.ts';

export const drawHeading = (result: Result, screen: Screen, full = false): string[] => {
  const paint = painter(screen.colour);
  const facts = headingFacts(result, screen, full);
  const label = Math.max(...facts.map(([name]) => columns(name))) + 2;
  return [
    ...wrap(result.title, screen.width - 1).map((words) => ` ${paint('title', words)}`),
    '',
    ...facts.flatMap(([name, text]) =>
      wrap(text, Math.max(20, screen.width - label - 1)).map(
        (words, nth) => ` ${paint('faint', (nth === 0 ? name : '').padEnd(label))}${words}`,
      ),
    ),
  ];
};

/** What was run and on what, each with its name; an empty name continues the one before. */
export const headingFacts = (
  { experiment, article, environment }: Result,
  screen: { unicode: boolean } = { unicode: true },
  full = false,
): [name: string, text: string][] => {
  const { between, line } = glyphsFor(screen);
  const joined = (parts: string[]) => parts.join(` ${between} `);
  const { kernel, node, iproute2, tcpdump, finwait, arch, sysctls, pace } = environment;
  return [
    [
      'experiment',
      joined([
        experiment,
        ...(article ? [`on the article ${article}`] : []),
        ...(pace === 'article' ? ["at the article's own pace"] : []),
      ]),
    ],
    ...(environment.oneHost
      ? oneHost(environment)
      : ([
          [
            'lab',
            `${hostsOfLab(environment)
              .map((host) => `${host} ${addressOf[host].ip}`)
              .join(` ${line.repeat(2)} wire ${line.repeat(2)} `)}, in ${placeWords(environment)}`,
          ],
          ['wire', `${wireWords(environment)}${environment.stepped ? steppedWords : ''}`],
        ] as [string, string][])),
    [
      'versions',
      joined([
        `Linux ${kernel} ${arch}`,
        `Node ${bare(node)}`,
        `iproute2 ${bare(iproute2)}`,
        `tcpdump ${bare(tcpdump)}`,
        `finwait ${bare(finwait)}`,
      ]),
    ],
    ...named('inherited', inheritedWords(environment).join(` ${between} `)),
    ...named('timers', timersInShort(environment)),
    ...(full ? timersInFull(environment).map((line): [string, string] => ['', line]) : []),
    ...sysctls.map(({ host, name, value, default: usual }, index): [string, string] => [
      index === 0 ? 'sysctls' : '',
      `${host} ${name} = ${value} (default ${usual})`,
    ]),
  ];
};

const named = (name: string, text: string): [string, string][] => (text === '' ? [] : [[name, text]]);

const oneHost = ({ place }: Environment): [name: string, text: string][] => [
  ['lab', `one host, in a ${place === 'docker' ? 'Docker container' : 'network namespace'} of its own`],
  ['wire', 'none: its loopback was captured, and ss looked whenever something had passed'],
  ['ends', 'client is the end of a connection that sent the SYN, server the other one, whoever has them'],
];

const placeWords = ({ place, proxy }: Environment): string =>
  `${proxy ? 'three' : 'two'} ${place === 'docker' ? 'Docker containers' : 'network namespaces'}`;

const wireWords = ({ wireMode, proxy }: Environment): string => {
  if (wireMode === 'lockstep')
    return `lockstep: ss looks at ${proxy ? 'all' : 'both'} hosts before and after every segment`;
  if (wireMode === 'freeRun') return 'free run: segments pass at once, nobody looks in between';
  return 'lockstep and free run by turns';
};

const steppedWords = '; stepped by hand, while kernel timers ran on: another run may come out otherwise';

/** `v24.1.0` and `iproute2-6.1.0` say no more than the number. */
const bare = (version: string): string => version.replace(/^(v|iproute2-)/, '');
