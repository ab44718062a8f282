// What a Node program that strace watches notes of itself (src/host/node-lines.cjs): which of its lines asked for what
// follows. A note is access(2) of a path that is not there.
import type { TracedLine } from './strace-lines.ts';

/** A call of Node's on a socket, and the line of the program that made it, or which function of Node did. */
export type Note = { api: string; fd?: number; source?: { file: string; line: number }; by?: string };

/** Undefined for every other call. */
export const noteOf = ({ name, args }: Extract<TracedLine, { kind: 'call' }>): Note | undefined => {
  if (!/^(access|faccessat2?)$/.test(name)) return undefined;
  const { api, fd, line, where } = notePattern.exec(args.find((word) => word.startsWith('"')) ?? '')?.groups ?? {};
  if (api === undefined || where === undefined) return undefined;
  return {
    api,
    ...(Number(fd) >= 0 && { fd: Number(fd) }),
    ...(Number(line) > 0 ? { source: { file: where, line: Number(line) } } : { by: where }),
  };
};

const notePattern = /^"\/finwait-note\/(?<api>\w+)\|(?<fd>-?\d+)\|(?<line>\d+)\|(?<where>.*)"$/s;

/** The system calls that a call of Node's leads to. */
const leadsTo: Record<string, readonly string[]> = {
  write: ['write', 'writev', 'send', 'sendmsg'],
  end: ['write', 'writev', 'send', 'sendmsg', 'shutdown'],
  destroySoon: ['shutdown', 'close'],
  destroy: ['close'],
  resetAndDestroy: ['setsockopt', 'close'],
  listen: ['bind', 'listen'],
  close: ['close'],
  connect: ['connect'],
};

/** What a call record says of the note behind it. */
export type Asked = { asked?: { api: string; by?: string }; source?: { file: string; line: number } };

/** Keeps what the processes of a program have noted. */
export const createNotes = () => {
  const byDescriptor = new Map<string, Note[]>();
  /** Notes on sockets that have no descriptor yet: it is made, and used, in a later turn. */
  const early = new Map<object, Note[]>();
  const keyOf = (owner: { pid: number }, fd: number) => `${owner.pid} ${fd}`;
  return {
    take: (owner: { pid: number }, note: Note): void => {
      if (note.fd === undefined) early.set(owner, [...(early.get(owner) ?? []), note]);
      else byDescriptor.set(keyOf(owner, note.fd), [...(byDescriptor.get(keyOf(owner, note.fd)) ?? []), note]);
    },
    /** Who asked for a system call on a descriptor. Nothing where nobody noted it, or any of several may have. */
    behind: (owner: { pid: number }, api: string, fd: number): Asked => {
      const key = keyOf(owner, fd);
      const isBehind = (note: Note) => leadsTo[note.api]?.includes(api);
      const own = byDescriptor.get(key)?.findLast(isBehind);
      if (api === 'close') byDescriptor.delete(key);
      const possible = own ? [own] : (early.get(owner) ?? []).filter(isBehind);
      const places = new Set(possible.map(({ source, by }) => JSON.stringify(source ?? by)));
      const [note] = places.size === 1 ? possible : [];
      if (!note) return {};
      const { api: asked, by, source } = note;
      return { asked: { api: asked, ...(by && { by }) }, ...(source && { source }) };
    },
  };
};
