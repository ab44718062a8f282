// A WebSocket begins as an HTTP request on a TCP connection and goes on on the same one: one handshake, then frames both
// ways, the first of them from the server, unasked. `websocket-accept` is about the accept value.
import { carries, count, equal, experiment, finding, ownNode, sequence } from '#finwait';

const program = (name: string) => `${import.meta.dirname}/programs/${name}.mjs`;

export default experiment({
  title: 'A WebSocket: one TCP connection, an HTTP upgrade, frames both ways',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire }) {
    const app = await server.spawn(ownNode, [program('websocket-server'), server.address, '8080'], {
      name: 'ws server',
    });
    await app.output(/listening/);
    const url = `ws://${server.address}:8080/chat`;
    const browser = await client.spawn(ownNode, [program('websocket-client'), url], { name: 'ws client' });
    await browser.output(/open/);
    await wire.quiet();
    await app.input('news'); // the server speaks first, unasked
    await browser.output(/heard: news/);
    await browser.input('thanks');
    await app.output(/heard: thanks/);
    await wire.quiet();
  },

  findings: {
    D11: finding(
      'WebSocket: a TCP handshake, an HTTP upgrade, then both sides send frames on the same TCP connection without a new handshake',
      {
        'of the connection and its handshake, one of each': (run) => [
          sequence(run.connection().handshake, ['client S', 'server S.', 'client .']),
          count('SYNs', 1, run.segments({ flags: 'S' })),
        ],
        'of what goes over it: the request, 101, a frame the server begins with, a frame of the client': (run) => {
          const { segments } = run.connection();
          const data = segments.filter(carries('data')).filter(({ role }) => role === undefined);
          const found = data.map(({ from, payload }) => `${from} ${kindOf(payload)}`);
          return equal('data', ['client GET', 'server 101', 'server frame', 'client masked frame'], found, data);
        },
      },
    ),
  },
});

/** By its first bytes (RFC 6455, section 5.2): 0x81 is a whole text frame; the highest bit of the next byte says masked. */
const kindOf = (payload = '') => {
  const bytes = Buffer.from(payload, 'hex');
  const text = bytes.toString('latin1');
  if (text.startsWith('GET ')) return 'GET';
  if (text.startsWith('HTTP/1.1 ')) return text.slice(9, 12);
  if (bytes[0] !== 0x81) return `unknown ${payload.slice(0, 8)}`;
  return (bytes[1] ?? 0) & 0x80 ? 'masked frame' : 'frame';
};
