// What both sides of a comparison run: a server that echoes, and a client that connects again and again, exchanges a
// few bytes, and has ss tell the round trip and the retransmission timeout of the new connection. Plain JavaScript, for
// whatever node is there.
import { execFileSync } from 'node:child_process';
import { connect, createServer } from 'node:net';

const [role, address, connections = '1'] = process.argv.slice(2);
const port = 50_000;

/** @param {number | undefined} localPort */
const shown = (localPort) => {
  const text = execFileSync('ss', ['-tinHO', 'sport', '=', `:${localPort}`], { encoding: 'utf8' });
  return { rtt: Number(/ rtt:([\d.]+)/.exec(text)?.[1]), rto: Number(/ rto:([\d.]+)/.exec(text)?.[1]) };
};

/** @param {import('node:events').EventEmitter} emitter @param {string} name */
const once = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));

if (role === 'server') createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(port);
else {
  for (let number = 0; number < Number(connections); number++) {
    // What the kernel has learned on the connection before would set the first timeout.
    execFileSync('ip', ['tcp_metrics', 'flush']);
    const socket = connect({ host: address, port, noDelay: true });
    await once(socket, 'connect');
    const first = shown(socket.localPort);
    for (let exchange = 0; exchange < 10; exchange++) {
      socket.write('ping');
      await once(socket, 'data');
    }
    process.stdout.write(`${JSON.stringify({ first, later: shown(socket.localPort) })}\n`);
    socket.resetAndDestroy();
    await once(socket, 'close');
  }
}
