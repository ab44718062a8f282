// Names of error numbers, and the errors that carry them to the collector.

import { constants } from 'node:os';
import { ControlError } from '../control/channel.ts';
import { errorCodeOf } from '../record/thrown.ts';

/** `ECONNREFUSED` for 111. */
export const errnoName = (errno: number): string => names.get(errno) ?? `E${errno}`;

/** A call that failed: its code becomes the record's errno and the reply's. */
export const failure = (code: string, message: string): ControlError => new ControlError(message, code);

/** The code a record shows for anything thrown: ECONNREFUSED, ERR_SOCKET_BAD_PORT, or the error's name. */
export const codeOf = (error: unknown): string => errorCodeOf(error) ?? (error instanceof Error ? error.name : 'Error');

// Where two names share a number (EAGAIN and EWOULDBLOCK, ENOTSUP and EOPNOTSUPP) the one man pages use stays.
const names = new Map(
  Object.entries(constants.errno)
    .filter(([name]) => name !== 'EWOULDBLOCK' && name !== 'ENOTSUP')
    .map(([name, errno]) => [errno, name]),
);
