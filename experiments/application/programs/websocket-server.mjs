// A WebSocket server, by the ws package. What stands on its standard input it says to every client, unasked.
// Usage: node websocket-server.mjs <address> <port>
import { WebSocketServer } from 'ws';

const [address, port] = process.argv.slice(2);
const server = new WebSocketServer({ host: address, port: Number(port) });

server.on('listening', () => console.log('listening'));
server.on('connection', (socket) => socket.on('message', (text) => console.log(`heard: ${text}`)));
process.stdin.on('data', (text) => {
  for (const socket of server.clients) socket.send(String(text).trim());
});
