// A WebSocket begins as an HTTP request on a TCP connection and goes on on the same one. What is the accept value, for which key?
import { all, equal, experiment, finding, sequence, type View } from '#finwait';

const program = (name: string) => `${import.meta.dirname}/programs/${name}.mjs`;
const port = 8080;
/** The pair in the article, and the pair in RFC 6455, section 1.3. */
const article = { key: 'AQIDBAUGBwgJCgsMDQ4PEC==', accept: 'dGhlIHNhbXBsZSBub25jZQ==' };
const standard = { key: 'dGhlIHNhbXBsZSBub25jZQ==', accept: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' };

export default experiment({
  title: 'A WebSocket: one TCP connection, an HTTP upgrade, frames both ways',
  article: 'establish-and-release',

  async run({ client, server, wire, stage }) {
    const app = await server.spawn('node', [program('websocket-server'), server.address, String(port)], {
      name: 'ws server',
    });
    await app.output(/listening/);

    await stage('a client and a server talk', async () => {
      const browser = await client.spawn('node', [program('websocket-client'), `ws://${server.address}:${port}/chat`], {
        name: 'ws client',
      });
      await browser.output(/open/);
      await wire.quiet();
      await app.input('news'); // the server speaks first, unasked
      await browser.output(/heard: news/);
      await browser.input('thanks');
      await app.output(/heard: thanks/);
      await wire.quiet();
    });

    const handshake = await client.node({ name: 'handshake' });
    for (const [name, { key }] of Object.entries({ "the article's key": article, "RFC 6455's key": standard })) {
      await stage(name, async () => {
        const socket = await handshake.connect(server, port);
        await socket.write(upgrade(key));
        await socket.event('data');
      });
    }
    await stage('SHA-1, then base64', async () => {
      await (
        await client.spawn('node', [program('websocket-accept'), article.key, standard.key], { name: 'digest' })
      ).exited();
    });
  },

  findings: {
    D11: finding(
      'WebSocket: a TCP handshake, an HTTP upgrade, then both sides send frames on the same TCP connection without a new handshake',
      {
        'one connection, one handshake': (run) => {
          const view = run.during('a client and a server talk');
          const syns = view.segments({ flags: 'S' });
          return all(
            equal('connections', 1, view.connections.length, syns),
            sequence(view.connection().handshake, ['client S', 'server S.', 'client .']),
            equal('SYNs', 1, syns.length, syns),
          );
        },
        'on it, in this order: the request, 101, a frame the server begins with, a frame of the client': (run) => {
          const data = run
            .during('a client and a server talk')
            .connection()
            .segments.filter(({ length, role }) => length > 0 && role === undefined);
          const what = data.map(({ from, payload = '' }) => `${from} ${kindOf(payload)}`);
          return equal(
            'segments with data',
            'client GET, server 101, server frame, client masked frame',
            what.join(', '),
            data,
          );
        },
      },
    ),
    D12: finding(
      "Sec-WebSocket-Accept is SHA-1, then base64, of the client's key; the article's pair shows it",
      {
        "the article's pair": (run) => {
          const { accept, evidence } = answer(run, "the article's key");
          return equal('accept value', article.accept, accept, evidence);
        },
        'SHA-1 and base64 of the key': (run) => {
          const { accept, evidence } = answer(run, "the article's key");
          const { computed, output } = digest(run, article.key);
          return equal('accept value', computed.alone, accept, [...evidence, ...output]);
        },
        'SHA-1 and base64 of the key followed by the GUID of RFC 6455': (run) => {
          const { accept, evidence } = answer(run, "the article's key");
          const { computed, output } = digest(run, article.key);
          return equal('accept value', computed.withGuid, accept, [...evidence, ...output]);
        },
        "the pair of RFC 6455, whose key is the article's accept value": (run) => {
          const { accept, evidence } = answer(run, "RFC 6455's key");
          const { computed, output } = digest(run, standard.key);
          return all(
            equal('accept value', standard.accept, accept, evidence),
            equal('computed with the GUID', standard.accept, computed.withGuid, output),
          );
        },
      },
      'RFC 6455, section 4.2.2: the key is joined to the GUID 258EAFA5-E914-47DA-95CA-C5AB0DC85B11 before it is hashed.',
    ),
  },
});

const upgrade = (key: string) =>
  [
    'GET /chat HTTP/1.1',
    'Host: server.example.com',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Origin: http://example.com',
    'Sec-WebSocket-Version: 13',
    '\r\n',
  ].join('\r\n');

/** By its first bytes (RFC 6455, section 5.2): 0x81 is a whole text frame; the highest bit of the next byte says that it is masked. */
const kindOf = (payload: string) => {
  const bytes = Buffer.from(payload, 'hex');
  const text = bytes.toString('latin1');
  if (text.startsWith('GET ')) return 'GET';
  if (text.startsWith('HTTP/1.1 ')) return text.slice(9, 12);
  if (bytes[0] !== 0x81) return `unknown ${payload.slice(0, 8)}`;
  return (bytes[1] ?? 0) & 0x80 ? 'masked frame' : 'frame';
};

/** What the real server answered to a key. */
const answer = (run: View, stage: string) => {
  const evidence = run.during(stage).client.emits('data');
  const text = evidence.map((event) => event.text ?? '').join('');
  const accept = /Sec-WebSocket-Accept: (\S+)/i.exec(text)?.[1] ?? `none (${text.split('\r\n')[0]})`;
  return { accept, evidence };
};

const digest = (run: View, key: string) => {
  const output = run.during('SHA-1, then base64').client.output('digest');
  const lines = output
    .map(({ text }) => text)
    .join('')
    .trim()
    .split('\n');
  const computed = lines
    .map((line) => JSON.parse(line) as { key: string; alone: string; withGuid: string })
    .find((one) => one.key === key);
  if (!computed) throw new Error(`nothing was computed for the key ${key}`);
  return { computed, output };
};
