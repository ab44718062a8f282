// A WebSocket client, by the ws package. It says what stands on its standard input.
// Usage: node websocket-client.mjs <url>
import WebSocket from 'ws';

const socket = new WebSocket(process.argv[2]);

socket.on('open', () => console.log('open'));
socket.on('message', (text) => console.log(`heard: ${text}`));
process.stdin.on('data', (text) => socket.send(String(text).trim()));
