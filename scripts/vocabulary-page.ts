// docs/vocabulary.md, made from the types an experiment is written against, so that it can say neither more nor less
// than they do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { formOf, optionsOf, socketLevels } from '../src/host/socket-options.ts';
import { segmentEvent } from '../src/timeline/segment-event.ts';
import type { role } from '../src/verdict/schema.ts';

const root = join(import.meta.dirname, '..');

/** A type of the vocabulary and what it has. */
export type Entry = { name: string; doc: string; extends: string[]; text?: string; members: Member[] };
export type Member = { name: string; code: string; doc: string };

type Node = { type: string; start: number; end: number; [key: string]: unknown };

/** The types a file exports. Throws, naming it, when one of them or one of its members is not documented. */
export const readTypes = (file: string, only?: string): Entry[] => {
  const source = readFileSync(join(root, file), 'utf8');
  const { body } = parseAst(source, { lang: 'ts' }, file) as unknown as { body: Node[] };
  return body.flatMap((node) => {
    const declaration = node.declaration as Node | undefined;
    if (node.type !== 'ExportNamedDeclaration' || declaration?.type !== 'TSTypeAliasDeclaration') return [];
    if (only !== undefined && nameOf(declaration.id as Node) !== only) return [];
    return [entryOf(source, node, declaration)];
  });
};

const entryOf = (source: string, node: Node, declaration: Node): Entry => {
  const name = nameOf(declaration.id as Node);
  const type = declaration.typeAnnotation as Node;
  const parts = type.type === 'TSIntersectionType' ? (type.types as Node[]) : [type];
  const literals = parts.filter((part) => part.type === 'TSTypeLiteral');
  const doc = docBefore(source, node.start);
  if (!doc) throw new Error(`The type ${name} has no comment that says what it is.`);
  if (literals.length === 0) return { name, doc, extends: [], text: codeOf(source, type), members: [] };
  const members = literals.flatMap((literal) =>
    (literal.members as Node[]).map((member) => memberOf(source, name, member)),
  );
  return {
    name,
    doc,
    extends: parts.filter((part) => !literals.includes(part)).map((part) => codeOf(source, part)),
    members,
  };
};

const memberOf = (source: string, type: string, member: Node): Member => {
  const name = member.type === 'TSCallSignatureDeclaration' ? '(call)' : nameOf(member.key as Node);
  const doc = docBefore(source, member.start);
  if (!doc) throw new Error(`${type}.${name} has no comment that says what it is.`);
  return {
    name,
    code: codeOf(source, member)
      .replace(/^readonly /, '')
      .replace(/[;,]$/, ''),
    doc,
  };
};

const nameOf = ({ name }: Node) => String(name);
const codeOf = (source: string, { start, end }: Node) =>
  source
    .slice(start, end)
    .replaceAll(/\/\*\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** The TSDoc comment that stands right before a place. */
const docBefore = (source: string, at: number): string => {
  const [, comment = ''] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(source.slice(0, at)) ?? [];
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .trim();
};

const sources: { title: string; file: string; only?: string }[] = [
  { title: 'The script', file: 'src/experiment/vocabulary/script.ts' },
  { title: 'A host', file: 'src/experiment/vocabulary/host.ts' },
  { title: 'What processes share', file: 'src/experiment/vocabulary/process.ts' },
  { title: 'A process of Node', file: 'src/experiment/vocabulary/node.ts' },
  { title: 'A process that makes the socket calls itself', file: 'src/experiment/vocabulary/raw.ts' },
  { title: 'The wire', file: 'src/experiment/vocabulary/wire.ts' },
  { title: 'The definition', file: 'src/experiment/experiment.ts' },
  { title: 'A segment to inject', file: 'src/wire/inject.ts', only: 'InjectedFields' },
  { title: 'A segment as a rule sees it', file: 'src/wire/segment.ts', only: 'WireSegment' },
];

/** Every type the page tells of. */
export const vocabularyTypes = (): Entry[] => sources.flatMap(({ file, only }) => readTypes(file, only));

/** What each role, fate and origin of a segment on the timeline means; a type error says when one is missing. */
const segmentRoles: Record<Exclude<(typeof roles)[number], undefined>, string> = {
  retransmission: 'sent again by the kernel',
  'keepalive-probe': 'the kernel asks an idle peer whether it is there (SO_KEEPALIVE)',
  'keepalive-answer': 'the answer to one',
  'window-probe': 'the kernel asks a peer whose window is closed (persist timer)',
  'window-probe-answer': 'the ACK a window probe asks for, where the window has not grown',
  'window-update': 'an ACK that only changes the window',
  'duplicate-ack': 'an ACK that repeats one, because something is missing or came twice',
};
const roles = segmentEvent.shape.role.unwrap().options;
const fates: Record<(typeof segmentEvent.shape.fate.options)[number], string> = {
  delivered: 'it arrived',
  dropped: 'it was lost: by the script, or because the link of its receiver was down',
  held: 'the wire held it to the end of the run',
};
const origins: Record<(typeof segmentEvent.shape.origin.options)[number], string> = {
  host: 'a kernel sent it',
  duplicate: 'a copy made by `wire.duplicate`',
  replay: 'a copy made by `wire.replay`',
  inject: 'made up by `wire.inject`',
};
const caseRoles: Record<(typeof role.options)[number], string> = {
  claim:
    'the statement under conditions its own words cover; a bare function is a claim. Claims alone decide the verdict',
  limit: 'beyond those conditions: where the statement stops being true. It never changes the verdict',
  contrast: 'what is true instead, or the same with the supposed cause taken away. It explains, and never counts',
  control: 'tests the experiment itself: if it fails, the finding is inconclusive',
};
const forms: Record<ReturnType<typeof formOf>, string> = {
  number: 'a whole number',
  linger: '`{ on: true, seconds: 0 }`',
  text: 'a text',
  time: 'seconds',
  bytes: 'only read: hexadecimal digits',
};

export const vocabularyPage = (): string =>
  `${[
    '<!-- Generated by `npm run vocabulary` from the types and their comments. Do not edit. -->',
    '# Every word of a script',
    '',
    "What an experiment can say, word by word. How it is put together: [writing an experiment](writing-an-experiment.md). The name of each host's only",
    'link, its TAP device, is `wire`. A word with an argument it does not take ends the run with a sentence that names word, argument and line.',
    ...sources.flatMap(({ title, file, only }) => ['', `## ${title}`, ...readTypes(file, only).flatMap(section)]),
    '',
    '## Socket options',
    '',
    '`setsockopt(level, option, value)`. A value is a whole number where the table says nothing else.',
    '',
    ...table(
      ['level', 'option', 'value'],
      socketLevels.flatMap((level) =>
        optionsOf(level).map((option) => [code(level), code(option), forms[formOf(option)]]),
      ),
    ),
    '',
    '## Segments on the timeline',
    '',
    ...table(
      ['role', 'is'],
      Object.entries(segmentRoles).map(([name, text]) => [code(name), text]),
    ),
    '',
    ...table(
      ['fate', 'is'],
      Object.entries(fates).map(([name, text]) => [code(name), text]),
    ),
    '',
    ...table(
      ['origin', 'is'],
      Object.entries(origins).map(([name, text]) => [code(name), text]),
    ),
    '',
    '## Roles of cases',
    '',
    ...table(
      ['role', 'is'],
      Object.entries(caseRoles).map(([name, text]) => [code(name), text]),
    ),
  ].join('\n')}\n`;

const section = ({ name, doc, extends: others, text, members }: Entry): string[] => [
  '',
  `### ${name}`,
  '',
  doc,
  ...(others.length > 0 ? ['', `Besides its own it has all of ${others.map(code).join(' and ')}.`] : []),
  ...(text ? ['', code(text)] : []),
  ...(members.length > 0
    ? [
        '',
        ...table(
          ['word', 'is'],
          members.map((member) => [code(member.code), member.doc]),
        ),
      ]
    : []),
];

const code = (text: string) => `\`${text}\``;
const table = (heads: string[], rows: string[][]): string[] => [
  line(heads),
  line(heads.map(() => '---')),
  ...rows.map((row) => line(row.map((cell) => cell.replaceAll('|', '\\|')))),
];
const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
