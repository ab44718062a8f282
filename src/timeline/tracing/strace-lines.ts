// Reads what strace writes (strace(1)): a line for each system call, in two halves where another thread came between,
// for each signal, and for each end of a process. Options: -f, absolute times and durations in nanoseconds, -yy.

/** A moment of CLOCK_REALTIME. */
export type Instant = { seconds: number; nanoseconds: number };

/** What one line says, or two halves of one. `pid` is that of the thread. */
export type TracedLine =
  | {
      kind: 'call';
      pid: number;
      at: Instant;
      name: string;
      /** As strace writes them: `18<TCP:[192.0.2.1:40000->192.0.2.2:9000]>`, `"hello"`, `{sa_family=AF_INET, …}`. */
      args: string[];
      /** Absent where it never returned: `18<TCP:[…]>`, `-1`, `0`. */
      result?: string;
      errno?: string;
      /** Nanoseconds it took. It began some time after `at`: strace looks the arguments up before it lets the call go. */
      took?: number;
      /** When it returned, where another thread's line came between. */
      returnedAt?: Instant;
      /** When the next line was written, of whatever thread: where this one is whole, it had returned by then. */
      next?: Instant;
    }
  | { kind: 'exit'; pid: number; at: Instant; code?: number; signal?: string };

type Call = Extract<TracedLine, { kind: 'call' }>;

/** `unreadable`: what is no line of strace. */
export type TracedLines = { lines: TracedLine[]; unreadable: string[] };

/** All lines in the order in which they were begun. Never throws. */
export const readStraceLines = (text: string): TracedLines => {
  const lines: TracedLine[] = [];
  /** Of each thread, the call whose second half is still to come. */
  const begun = new Map<number, { call: Call; text: string }>();
  const unreadable: string[] = [];
  const written = text.split('\n');
  let last: TracedLine | undefined;
  for (const [index, line] of written.entries()) {
    if (line === '') continue;
    const { pid: number, seconds, fraction, rest = '' } = linePattern.exec(line)?.groups ?? {};
    if (number === undefined) {
      unreadable.push(line);
      continue;
    }
    const pid = Number(number);
    const at = { seconds: Number(seconds), nanoseconds: Number(fraction) };
    if (last?.kind === 'call') last.next = at;
    last = undefined;
    const end = endPattern.exec(rest)?.groups;
    if (end) {
      const { code, signal } = end;
      lines.push({
        kind: 'exit',
        pid,
        at,
        ...(code !== undefined && { code: Number(code) }),
        ...(signal && { signal }),
      });
      continue;
    }
    if (rest.startsWith('---') || rest.startsWith('+++') || neverMade.test(rest)) continue;
    // Of a call that is under way when the record ends strace has written the beginning, and no end of the line.
    const first = (index === written.length - 1 ? underWay : firstHalf).exec(rest)?.groups;
    if (first) {
      const call: Call = {
        kind: 'call',
        pid,
        at,
        name: first.name as string,
        args: splitArguments(first.args as string),
      };
      lines.push(call);
      begun.set(pid, { call, text: `${first.name}(${first.args}` });
      continue;
    }
    const second = secondHalf.exec(rest)?.groups;
    const half = begun.get(pid);
    if (second && half) {
      begun.delete(pid);
      half.call.returnedAt = at;
      if (!complete(half.call, half.text + second.rest)) unreadable.push(line);
      continue;
    }
    const call: Call = { kind: 'call', pid, at, name: '', args: [] };
    if (complete(call, rest)) {
      lines.push(call);
      last = call;
    } else unreadable.push(line);
  }
  return { lines, unreadable };
};

const linePattern = /^(?<pid>\d+) +(?<seconds>\d+)\.(?<fraction>\d{9}) (?<rest>.*)$/s;
const endPattern = /^\+\+\+ (?:exited with (?<code>\d+)|killed by (?<signal>\w+)(?: \(core dumped\))?) \+\+\+$/;
/** A thread that was ended, by exit_group(2) of another, on its way into a call: strace could not even ask which. */
const neverMade = /^(?:\?\?\?\(|<\.\.\. \?\?\? resumed>)/;
const firstHalf = /^(?<name>\w+)\((?<args>.*?) *<unfinished \.\.\.>$/s;
const underWay = /^(?<name>\w+)\((?<args>(?:(?!\) += ).)*?) *(?:<unfinished \.\.\.>)?$/s;
const secondHalf = /^<\.\.\. \w+ resumed>(?<rest>.*)$/s;
/** `close(3<TCP:[…]>) = 0 <0.000012345>`, `read(3<…>, …) = -1 EAGAIN (Resource temporarily unavailable) <…>`. */
const wholePattern =
  /^(?<name>\w+)\((?<args>.*)\) += (?<result>\S+)(?: (?<errno>E[A-Z0-9]+))?(?: .*?)??(?: <(?<took>\d+\.\d{9})>)?$/s;

/** Write into the call what the whole text says. Resolves to whether it could be read. */
const complete = (call: Call, text: string): boolean => {
  const { name, args, result, errno, took } = wholePattern.exec(text)?.groups ?? {};
  if (name === undefined || args === undefined || result === undefined) return false;
  call.name = name;
  call.args = splitArguments(args);
  if (result !== '?') call.result = result;
  if (errno) call.errno = errno;
  if (took !== undefined) call.took = Math.round(Number(took) * 1e9);
  return true;
};

/** Arguments by the commas outside of strings, brackets and what stands between `<` and `>` behind a descriptor. */
export const splitArguments = (text: string): string[] => {
  const parts: string[] = [];
  const open: string[] = [];
  let part = '';
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const letter = text.charAt(index);
    part += letter;
    if (isQuoted) {
      if (letter === '\\') part += text.charAt(++index);
      else if (letter === '"') isQuoted = false;
      continue;
    }
    if (letter === '"') isQuoted = true;
    else if ('([{'.includes(letter) || (letter === '<' && /\d/.test(text.charAt(index - 1)))) open.push(letter);
    else if (letter === closing[open.at(-1) ?? '']) open.pop();
    else if (letter === ',' && open.length === 0) {
      parts.push(part.slice(0, -1).trim());
      part = '';
    }
  }
  return part.trim() === '' ? parts : [...parts, part.trim()];
};

const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}', '<': '>' };
