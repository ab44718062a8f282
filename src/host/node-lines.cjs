// Loaded into every Node program that strace watches (node --require, by NODE_OPTIONS). It notes which line of the program
// asked Node to end, destroy, write to or listen on a socket, or that none did: Node itself, for a timeout, say. A note is
// a system call that does nothing, access(2) of a path that is not there: so it stands in what strace writes, in its
// place between the calls it led to, and needs no channel of its own. Plain CommonJS without types, for any Node from 12 on.
'use strict';
const { accessSync } = require('node:fs');
const { Server, Socket } = require('node:net');
const { fileURLToPath } = require('node:url');

/** `note` of what strace reads: src/timeline/tracing/notes.ts. */
const note = (/** @type {(string | number)[]} */ ...words) => {
  try {
    accessSync(`/finwait-note/${words.join('|')}`);
  } catch {
    // There is no such file, and there should be none.
  }
};

const own = __filename;

/** The frames of a stack as [function, file, line]; those of this file are left out. */
const framesHere = () => {
  const { prepareStackTrace, stackTraceLimit } = Error;
  /** @type {[string, string, number][]} */
  let frames = [];
  Error.stackTraceLimit = 30;
  Error.prepareStackTrace = (_, sites) => {
    frames = sites.map((site) => [site.getFunctionName() || '', site.getFileName() || '', site.getLineNumber() || 0]);
    return '';
  };
  void new Error('where').stack;
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  return frames.filter(([, file]) => file !== own);
};

const isOfNode = (/** @type {string} */ file) => file === '' || /^(node|wasm):/.test(file) || !/[/\\]/.test(file);
const isOfPackage = (/** @type {string} */ file) => /[/\\]node_modules[/\\]/.test(file);
const pathOf = (/** @type {string} */ file) => (file.startsWith('file:') ? fileURLToPath(file) : file);

/** The line that asked: of the program itself, else of a package, else which function of Node. */
const noteCall = (/** @type {string} */ api, /** @type {Socket | Server} */ target) => {
  try {
    const frames = framesHere();
    const outside = frames.filter(([, file]) => !isOfNode(file));
    const [, file = '', line = 0] = outside.find(([, one]) => !isOfPackage(one)) || outside[0] || [];
    const inner = frames.find(([name, one]) => name !== '' && isOfNode(one)) || ['', ''];
    const handle = Reflect.get(target, '_handle');
    const fd = handle && typeof handle.fd === 'number' ? handle.fd : -1;
    note(api, fd, line, file === '' ? `${inner[0]} of ${inner[1]}` : pathOf(file));
  } catch {
    // What the program does is never to fail because of a note.
  }
};

/** Whether a noted call is under way: what Node calls because of it is noted with it. */
let isNoted = false;

const wrap = (/** @type {typeof Socket | typeof Server} */ type, /** @type {string[]} */ names) => {
  for (const name of names) {
    const original = Reflect.get(type.prototype, name);
    if (typeof original !== 'function') continue;
    /** @this {Socket} */
    const noted = function (/** @type {unknown[]} */ ...args) {
      if (isNoted) return original.apply(this, args);
      noteCall(name, this);
      isNoted = true;
      try {
        return original.apply(this, args);
      } finally {
        isNoted = false;
      }
    };
    Object.defineProperty(noted, 'name', { value: name });
    Object.defineProperty(noted, 'length', { value: original.length });
    Object.defineProperty(type.prototype, name, { configurable: true, writable: true, enumerable: true, value: noted });
  }
};

wrap(Socket, ['write', 'end', 'destroy', 'destroySoon', 'resetAndDestroy', 'connect']);
wrap(Server, ['listen', 'close']);
