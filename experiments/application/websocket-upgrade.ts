// A WebSocket begins as an HTTP request on a TCP connection and goes on on the same one. What is the accept value, for which key?
import {
  all,
  carries,
  contrast,
  count,
  equal,
  experiment,
  finding,
  ownNode,
  sequence,
  textOf,
  type View,
} from '#finwait';

const program = (name: string) => `${import.meta.dirname}/programs/${name}.mjs`;
const port = 8080;
/** The pair in the article, and the pair in RFC 6455, section 1.3. */
const article = { stage: "the article's key", key: 'AQIDBAUGBwgJCgsMDQ4PEC==', accept: 'dGhlIHNhbXBsZSBub25jZQ==' };
const standard = { stage: "RFC 6455's key", key: 'dGhlIHNhbXBsZSBub25jZQ==', accept: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' };

const upgrade = (key: string) => `GET /chat HTTP/1.1\r
Host: server.example.com\r
Upgrade: websocket\r
Connection: Upgrade\r
Sec-WebSocket-Key: ${key}\r
Origin: http://example.com\r
Sec-WebSocket-Version: 13\r
\r
`;

export default experiment({
  title: 'A WebSocket: one TCP connection, an HTTP upgrade, frames both ways',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, wire, stage }) {
    const app = await server.spawn(ownNode, [program('websocket-server'), server.address, String(port)], {
      name: 'ws server',
    });
    await app.output(/listening/);

    await stage('a client and a server talk', async () => {
      const url = `ws://${server.address}:${port}/chat`;
      const browser = await client.spawn(ownNode, [program('websocket-client'), url], { name: 'ws client' });
      await browser.output(/open/);
      await wire.quiet();
      await app.input('news'); // the server speaks first, unasked
      await browser.output(/heard: news/);
      await browser.input('thanks');
      await app.output(/heard: thanks/);
      await wire.quiet();
    });

    const handshake = await client.node({ name: 'handshake' });
    for (const { stage: name, key } of [article, standard]) {
      await stage(name, async () => {
        const socket = await handshake.connect(server, port);
        await socket.write(upgrade(key));
        await socket.event('data');
      });
    }
    await stage('SHA-1, then base64', async () => {
      const keys = [article.key, standard.key];
      await (await client.spawn(ownNode, [program('websocket-accept'), ...keys], { name: 'digest' })).exited();
    });
  },

  findings: {
    D11: finding(
      'WebSocket: a TCP handshake, an HTTP upgrade, then both sides send frames on the same TCP connection without a new handshake',
      {
        'of the connection and its handshake, one of each': (run) => {
          const view = run.during('a client and a server talk');
          return all(
            sequence(view.connection().handshake, ['client S', 'server S.', 'client .']),
            count('SYNs', 1, view.segments({ flags: 'S' })),
          );
        },
        'of what goes over it: the request, 101, a frame the server begins with, a frame of the client': (run) => {
          const { segments } = run.during('a client and a server talk').connection();
          const data = segments.filter(carries('data')).filter(({ role }) => role === undefined);
          const found = data.map(({ from, payload }) => `${from} ${kindOf(payload)}`);
          const expected = ['client GET', 'server 101', 'server frame', 'client masked frame'];
          return equal('segments with data', expected.join(', '), found.join(', '), data);
        },
      },
    ),
    D12: finding(
      "Sec-WebSocket-Accept is SHA-1, then base64, of the client's key; the article's pair shows it",
      {
        "of the article's pair": (run) => {
          const { accept, evidence } = answer(run, article);
          return equal('accept value', article.accept, accept, evidence);
        },
        'of the key alone': (run) => {
          const { accept, alone, evidence } = answer(run, article);
          return equal('accept value', alone, accept, evidence);
        },
        'it is SHA-1, then base64, of the key followed by the GUID of RFC 6455': contrast((run) => {
          const { accept, withGuid, evidence } = answer(run, article);
          return equal('accept value', withGuid, accept, evidence);
        }),
        "the article's accept value is the key of the example pair in RFC 6455": contrast((run) => {
          const { accept, withGuid, evidence } = answer(run, standard);
          return all(
            equal('accept value', standard.accept, accept, evidence),
            equal('computed with the GUID', standard.accept, withGuid, evidence),
            equal("the article's accept value", standard.key, article.accept, evidence),
          );
        }),
      },
      'RFC 6455, section 4.2.2: the key is joined to the GUID 258EAFA5-E914-47DA-95CA-C5AB0DC85B11 before it is hashed.',
    ),
  },
});

/**
 * By its first bytes (RFC 6455, section 5.2): 0x81 is a whole text frame; the highest bit of the next byte says that it
 * is masked.
 */
const kindOf = (payload = '') => {
  const bytes = Buffer.from(payload, 'hex');
  const text = bytes.toString('latin1');
  if (text.startsWith('GET ')) return 'GET';
  if (text.startsWith('HTTP/1.1 ')) return text.slice(9, 12);
  if (bytes[0] !== 0x81) return `unknown ${payload.slice(0, 8)}`;
  return (bytes[1] ?? 0) & 0x80 ? 'masked frame' : 'frame';
};

/** What the real server answered to a key, and what was computed from it, without and with the GUID. */
const answer = (run: View, { stage, key }: typeof article) => {
  const answered = run.during(stage).client.emits('data', { process: 'handshake' });
  const text = textOf(answered);
  const accept = /Sec-WebSocket-Accept: (\S+)/i.exec(text)?.[1] ?? `none (${text.split('\r\n')[0]})`;
  const printed = run.during('SHA-1, then base64').client.output('digest');
  const line = textOf(printed)
    .split('\n')
    .find((one) => one.includes(key));
  if (!line) throw new Error(`nothing was computed for the key ${key}`);
  const { alone, withGuid } = JSON.parse(line) as { alone: string; withGuid: string };
  return { accept, alone, withGuid, evidence: [...answered, ...printed] };
};
