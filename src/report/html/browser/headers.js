// The headers of a frame, field by field, with the bytes each stands in. Pure.

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} value
 * @property {number} from first byte
 * @property {number} to one past the last byte
 */

/**
 * Ethernet, IPv4, TCP, its options and the payload, as far as the bytes go.
 * @param {Uint8Array} bytes
 * @returns {{ layer: string, fields: Field[] }[]}
 */
export const decodeHeaders = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 54 || view.getUint16(12) !== 0x0800) return [];
  const ip = 14;
  const tcp = ip + (view.getUint8(ip) & 0x0f) * 4;
  const end = Math.min(bytes.length, ip + view.getUint16(ip + 2));
  if (view.getUint8(ip + 9) !== 6 || tcp + 20 > bytes.length) return [];
  const payload = tcp + (view.getUint8(tcp + 12) >> 4) * 4;
  const field = (
    /** @type {string} */ name,
    /** @type {number} */ from,
    /** @type {number} */ length,
    /** @type {string | number} */ value,
  ) => ({ name, value: String(value), from, to: from + length });
  const hex = (/** @type {number} */ value, digits = 4) => `0x${value.toString(16).padStart(digits, '0')}`;
  const fragment = view.getUint16(ip + 6);
  const layers = [
    {
      layer: 'Ethernet',
      fields: [
        field('destination', 0, 6, mac(bytes, 0)),
        field('source', 6, 6, mac(bytes, 6)),
        field('type', 12, 2, '0x0800 IPv4'),
      ],
    },
    {
      layer: 'IPv4',
      fields: [
        field('header', ip, 1, `version 4, ${tcp - ip} bytes`),
        field('service', ip + 1, 1, `DSCP ${view.getUint8(ip + 1) >> 2}, ECN ${view.getUint8(ip + 1) & 3}`),
        field('total length', ip + 2, 2, view.getUint16(ip + 2)),
        field('identification', ip + 4, 2, hex(view.getUint16(ip + 4))),
        field(
          'fragments',
          ip + 6,
          2,
          fragment & 0x4000 ? 'do not fragment' : fragment & 0x3fff ? `offset ${(fragment & 0x1fff) * 8}` : 'none',
        ),
        field('time to live', ip + 8, 1, view.getUint8(ip + 8)),
        field('protocol', ip + 9, 1, '6 TCP'),
        field('checksum', ip + 10, 2, hex(view.getUint16(ip + 10))),
        field('source', ip + 12, 4, bytes.subarray(ip + 12, ip + 16).join('.')),
        field('destination', ip + 16, 4, bytes.subarray(ip + 16, ip + 20).join('.')),
      ],
    },
    {
      layer: 'TCP',
      fields: [
        field('source port', tcp, 2, view.getUint16(tcp)),
        field('destination port', tcp + 2, 2, view.getUint16(tcp + 2)),
        field('sequence number', tcp + 4, 4, view.getUint32(tcp + 4)),
        field('acknowledgement', tcp + 8, 4, view.getUint32(tcp + 8)),
        field('header length', tcp + 12, 1, `${payload - tcp} bytes`),
        field('flags', tcp + 13, 1, flagNames(view.getUint8(tcp + 13))),
        field('window', tcp + 14, 2, view.getUint16(tcp + 14)),
        field('checksum', tcp + 16, 2, hex(view.getUint16(tcp + 16))),
        field('urgent pointer', tcp + 18, 2, view.getUint16(tcp + 18)),
        ...decodeOptions(bytes, view, tcp + 20, Math.min(payload, bytes.length)),
      ],
    },
  ];
  if (end > payload)
    layers.push({
      layer: 'Payload',
      fields: [field('bytes', payload, end - payload, printable(bytes.subarray(payload, end)))],
    });
  return layers;
};

/** @param {number} bits */
const flagNames = (bits) =>
  ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'].filter((_name, bit) => bits & (1 << bit)).join(' ') ||
  'none';

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @param {number} from
 * @param {number} to
 * @returns {Field[]}
 */
const decodeOptions = (bytes, view, from, to) => {
  const fields = [];
  let at = from;
  while (at < to) {
    const kind = bytes[at] ?? 0;
    if (kind === 0) {
      fields.push({ name: 'end of options', value: '', from: at, to });
      break;
    }
    if (kind === 1) {
      fields.push({ name: 'option: no operation', value: '', from: at, to: at + 1 });
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > to) {
      fields.push({ name: 'option: damaged', value: `kind ${kind}`, from: at, to });
      break;
    }
    fields.push({ ...optionWords(view, kind, at, length), from: at, to: at + length });
    at += length;
  }
  return fields;
};

/**
 * @param {DataView} view
 * @param {number} kind
 * @param {number} at
 * @param {number} length
 */
const optionWords = (view, kind, at, length) => {
  if (kind === 2 && length === 4) return { name: 'option: MSS', value: `${view.getUint16(at + 2)}` };
  if (kind === 3 && length === 3)
    return { name: 'option: window scale', value: `${view.getUint8(at + 2)} (×${2 ** view.getUint8(at + 2)})` };
  if (kind === 4 && length === 2) return { name: 'option: SACK permitted', value: '' };
  if (kind === 8 && length === 10)
    return { name: 'option: timestamps', value: `value ${view.getUint32(at + 2)}, echo ${view.getUint32(at + 6)}` };
  if (kind === 5) {
    const blocks = [];
    for (let block = at + 2; block + 8 <= at + length; block += 8)
      blocks.push(`${view.getUint32(block)}–${view.getUint32(block + 4)}`);
    return { name: 'option: SACK', value: blocks.join(', ') };
  }
  return { name: `option: kind ${kind}`, value: `${length} bytes` };
};

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
const mac = (bytes, at) => [...bytes.subarray(at, at + 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');

/** @param {Uint8Array} bytes */
const printable = (bytes) =>
  [...bytes].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
