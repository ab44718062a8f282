// Who asked for a system call of a Node program: a line of it, or Node itself for a reason of its own.

/** The name of a file without its folders. */
export const baseOf = (file: string): string => file.replace(/^.*[/\\]/, '');

/** What a function of Node's stands for (`socketOnTimeout of node:_http_server`), where that is known. */
export const reasonOf = (by = 'Node'): string => {
  const [name = '', place = ''] = by.split(' of ');
  return reasons[`${name} ${place}`] ?? reasons[name] ?? `${name} in ${place}`;
};

// By the names of functions in lib/ of Node: net.js, _http_server.js, _http_agent.js, internal/streams/.
const reasons: Record<string, string> = {
  'socketOnTimeout node:_http_server': 'keepAliveTimeout, or the timeout of the http server',
  'resOnFinish node:_http_server': 'the http response was the last on its connection',
  'onParserTimeout node:_http_server': 'headersTimeout or requestTimeout of the http server',
  endWritableNT: 'the other side has ended, and allowHalfOpen is false',
  endReadableNT: 'both directions are over',
  onReadableStreamEnd: 'the other side has ended, and allowHalfOpen is false',
  autoDestroy: 'both directions are over',
  finish: 'both directions are over',
  onStreamRead: 'an error while reading',
};
