// An HTTP client that keeps its connection: each line on its standard input is a path to GET. It prints what it
// receives as it comes. Usage: node http-client.mjs <address> <port>
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';

const [host, port] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

for await (const path of createInterface({ input: process.stdin })) {
  const request = get({ agent, host, port, path }, (response) => {
    response.on('data', (chunk) => console.log(`${path} ${response.statusCode}: ${String(chunk).split('\n')[0]}`));
    response.on('end', () => console.log(`${path} ended`));
  });
  request.on('error', ({ code }) => console.log(`${path} error: ${code}`));
}
