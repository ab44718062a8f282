// SHA-1, then base64: of a key alone, and of the key followed by the GUID of RFC 6455, section 1.3. One line of JSON per key.
// Usage: node websocket-accept.mjs <key>…
import { createHash } from 'node:crypto';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const digest = (text) => createHash('sha1').update(text).digest('base64');

for (const key of process.argv.slice(2))
  console.log(JSON.stringify({ key, alone: digest(key), withGuid: digest(key + guid) }));
