// An HTTP server whose answer never ends (server-sent events): what stands on its standard input it sends to whoever
// has asked before. Usage: node event-server.mjs <address> <port>
import { createServer } from 'node:http';

const [address, port] = process.argv.slice(2);
const listeners = new Set();
const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(': welcome\n\n');
  listeners.add(response);
});

server.listen(Number(port), address, () => console.log('listening'));
process.stdin.on('data', (text) => {
  for (const response of listeners) response.write(`data: ${String(text).trim()}\n\n`);
});
