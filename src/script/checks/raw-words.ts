// The words of a process that makes the socket calls itself, and what their arguments must be.
import type { RawCalls, RawProcess } from '../../experiment/vocabulary.ts';
import { domains, messageFlags, shutdownWays } from '../../host/raw/constants.ts';
import { may, need, type Words, word } from './check.ts';
import * as kinds from './kinds.ts';
import { getsockoptWord, setsockoptWord } from './socket-option.ts';

const { boolean, data, descriptor, name, oneOf, port } = kinds;

const own = need('descriptor', descriptor);
const sending = may('flags', kinds.someOf(...Object.keys(messageFlags)));

export const rawCallWords: Words<RawCalls<unknown>> = {
  socket: word(may('domain', oneOf(...Object.keys(domains)))),
  bind: word(own, need('port', port), may('address', kinds.address)),
  listen: word(own, need('backlog', kinds.anyInt)),
  accept: word(own),
  connect: word(own, need('to', kinds.rawTarget), need('port', port)),
  send: word(own, need('data', data), sending),
  recv: word(own, need('bytes', kinds.bytes), sending),
  shutdown: word(own, need('how', oneOf(...Object.keys(shutdownWays)))),
  setsockopt: setsockoptWord([own]),
  getsockopt: getsockoptWord([own]),
  nonblock: word(own, need('on', boolean)),
  dup: word(own),
  close: word(own),
};

export const rawProcessWords: Words<Pick<RawProcess, 'share' | 'exit'>> = {
  share: word(own, may('options', kinds.options<{ name?: string }>({ name: name.optional() }))),
  exit: word(may('code', kinds.exitCode)),
};
