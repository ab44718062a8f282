// Who may speak on a lab's control socket: those the collector has started, each once, by its token.
import { z } from 'zod';
import { makeToken, tokenOfChild } from '../control/token.ts';
import { hostName } from '../record/hosts.ts';

const pid = z.number();
const hello = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['sidecar', 'agent']), host: hostName, pid, token: z.string() }),
  z.object({
    role: z.literal('process'),
    host: hostName,
    name: z.string(),
    pid,
    /** The target, or the number, of a descriptor it was started with. */
    inherited: z.union([z.string(), z.number()]).optional(),
    token: z.string(),
  }),
]);

/** A part of a lab, as it has proved to be. */
export type Hello =
  z.infer<typeof hello> extends infer One ? (One extends unknown ? Omit<One, 'token'> : never) : never;

/** What a token admits. */
type Guest =
  | Pick<Extract<Hello, { role: 'sidecar' | 'agent' }>, 'role' | 'host'>
  | Pick<Extract<Hello, { role: 'process' }>, 'role' | 'host' | 'name'>;

export const createAdmission = () => {
  const expected = new Map<string, Guest>();
  const given = new Map<string, string>();
  const expect = (guest: Guest, token: string): string => {
    expected.set(token, guest);
    if (guest.role === 'process') given.set(guest.name, token);
    return token;
  };
  return {
    /** Give a token for somebody who is about to be started. */
    invite: (guest: Guest): string => expect(guest, makeToken()),
    /** A process is about to start a child that shares a descriptor: it tells its child the token. */
    inviteChild: (parent: string, child: Extract<Guest, { role: 'process' }>): void =>
      void expect(child, tokenOfChild(given.get(parent) ?? makeToken(), child.name)),
    /** Who says hello; undefined for a stranger, and for whoever has come before. */
    admit: (words: unknown): Hello | undefined => {
      const { data } = hello.safeParse(words);
      const guest = data && expected.get(data.token);
      if (!guest || guest.role !== data.role || guest.host !== data.host) return undefined;
      if (guest.role === 'process' && data.role === 'process' && guest.name !== data.name) return undefined;
      expected.delete(data.token);
      const { token, ...admitted } = data;
      return admitted;
    },
  };
};
