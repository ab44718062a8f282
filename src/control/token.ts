// What a part of a lab proves with that it belongs to it. It travels in the environment, which other users of the
// machine cannot read (proc(5), /proc/pid/environ), and never on a command line, which they can.
import { createHmac, randomBytes } from 'node:crypto';

export const tokenVariable = 'FINWAIT_TOKEN';

export const makeToken = (): string => randomBytes(24).toString('base64url');

/** The token of a child that shares a descriptor of a process: both that process and the collector can tell it. */
export const tokenOfChild = (parent: string, name: string): string =>
  createHmac('sha256', parent).update(name).digest('base64url');

/** This process's own. What it starts does not inherit it. */
export const ownToken: string = process.env[tokenVariable] ?? '';
delete process.env[tokenVariable];
