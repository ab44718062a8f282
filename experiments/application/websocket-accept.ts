// What is the accept value of a WebSocket, for which key? A real server is asked for the article's key and for that of
// RFC 6455, section 1.3; a program computes SHA-1 and base64 of both, without the GUID of the RFC and with it.
import { contrast, equal, experiment, finding, ownNode, textOf, type View } from '#finwait';

const program = (name: string) => `${import.meta.dirname}/programs/${name}.mjs`;
const article = { key: 'AQIDBAUGBwgJCgsMDQ4PEC==', accept: 'dGhlIHNhbXBsZSBub25jZQ==' };
const standard = { key: 'dGhlIHNhbXBsZSBub25jZQ==', accept: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' };

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
  title: 'The accept value of a WebSocket',
  article: 'establish-and-release',
  retransmitAfterSeconds: 5,

  async run({ client, server, stage }) {
    const app = await server.spawn(ownNode, [program('websocket-server'), server.address, '8080'], {
      name: 'ws server',
    });
    await app.output(/listening/);
    const handshake = await client.node({ name: 'handshake' });
    for (const { key } of [article, standard]) {
      await stage(key, async () => {
        const socket = await handshake.connect(server, 8080);
        await socket.write(upgrade(key));
        await socket.event('data');
      });
    }
    await (
      await client.spawn(ownNode, [program('websocket-accept'), article.key, standard.key], { name: 'digest' })
    ).exited();
  },

  findings: {
    D12: finding(
      "Sec-WebSocket-Accept is SHA-1, then base64, of the client's key; the article's pair shows it",
      {
        "of the article's pair": (run) => {
          const { accept, evidence } = answer(run, article.key);
          return equal('accept value', article.accept, accept, evidence);
        },
        'of the key alone': (run) => {
          const { accept, alone, evidence } = answer(run, article.key);
          return equal('accept value', alone, accept, evidence);
        },
        'it is SHA-1, then base64, of the key followed by the GUID of RFC 6455': contrast((run) => {
          const { accept, withGuid, evidence } = answer(run, article.key);
          return equal('accept value', withGuid, accept, evidence);
        }),
        "the article's accept value is the key of the example pair in RFC 6455": contrast((run) => {
          const { accept, withGuid, evidence } = answer(run, article.accept);
          return equal(
            'accept value, and as computed',
            [standard.accept, standard.accept],
            [accept, withGuid],
            evidence,
          );
        }),
      },
      'RFC 6455, section 4.2.2: the key is joined to the GUID 258EAFA5-E914-47DA-95CA-C5AB0DC85B11 before it is hashed.',
    ),
  },
});

/** What the real server answered to a key, and what was computed from it, without and with the GUID. */
const answer = (run: View, key: string) => {
  const answered = run.during(key).client.emits('data', { process: 'handshake' });
  const text = textOf(answered);
  const accept = /Sec-WebSocket-Accept: (\S+)/i.exec(text)?.[1] ?? `none (${text.split('\r\n')[0]})`;
  const printed = run.client.output('digest');
  const line = textOf(printed)
    .split('\n')
    .find((one) => one.includes(key));
  if (!line) throw new Error(`nothing was computed for the key ${key}`);
  const { alone, withGuid } = JSON.parse(line) as { alone: string; withGuid: string };
  return { accept, alone, withGuid, evidence: [...answered, ...printed] };
};
