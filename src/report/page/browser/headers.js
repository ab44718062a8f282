// The headers of a frame, field by field, with the bytes each stands in. Pure.

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} value
 * @property {number} from first byte
 * @property {number} to one past the last byte
 */

/** @typedef {(name: string, from: number, length: number, value: string | number) => Field} MakeField */

/**
 * Ethernet, IPv4 or IPv6, TCP, its options and the payload, as far as the bytes go.
 * @param {Uint8Array} bytes
 * @returns {{ layer: string, fields: Field[] }[]}
 */
export const decodeHeaders = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 54) return [];
  /** @type {MakeField} */
  const field = (name, from, length, value) => ({ name, value: String(value), from, to: from + length });
  const isIpv6 = view.getUint16(12) === 0x86dd;
  if (!isIpv6 && view.getUint16(12) !== 0x0800) return [];
  const ip = isIpv6 ? ipv6(bytes, view, field) : ipv4(bytes, view, field);
  const { tcp } = ip;
  const end = Math.min(bytes.length, ip.end);
  if (tcp === undefined || tcp + 20 > bytes.length) return [];
  const stated = (view.getUint8(tcp + 12) >> 4) * 4;
  const payload = tcp + Math.max(stated, 20); // a damaged header may state less than there is of it
  const layers = [
    {
      layer: 'Ethernet',
      fields: [
        field('destination', 0, 6, mac(bytes, 0)),
        field('source', 6, 6, mac(bytes, 6)),
        field('type', 12, 2, isIpv6 ? '0x86dd IPv6' : '0x0800 IPv4'),
      ],
    },
    { layer: isIpv6 ? 'IPv6' : 'IPv4', fields: ip.fields },
    {
      layer: 'TCP',
      fields: [
        field('source port', tcp, 2, view.getUint16(tcp)),
        field('destination port', tcp + 2, 2, view.getUint16(tcp + 2)),
        field('sequence number', tcp + 4, 4, view.getUint32(tcp + 4)),
        field('acknowledgement', tcp + 8, 4, view.getUint32(tcp + 8)),
        field('header length', tcp + 12, 1, `${stated} bytes`),
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

/** Where the header of IP begins. */
const ip = 14;

const hex = (/** @type {number} */ value, digits = 4) => `0x${value.toString(16).padStart(digits, '0')}`;

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @param {MakeField} field
 * @returns {{ tcp: number | undefined, end: number, fields: Field[] }} `tcp` where TCP begins, if it does
 */
const ipv4 = (bytes, view, field) => {
  const tcp = ip + (view.getUint8(ip) & 0x0f) * 4;
  const fragment = view.getUint16(ip + 6);
  return {
    tcp: view.getUint8(ip + 9) === 6 && tcp >= ip + 20 ? tcp : undefined,
    end: ip + view.getUint16(ip + 2),
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
  };
};

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @param {MakeField} field
 * @returns {{ tcp: number | undefined, end: number, fields: Field[] }}
 */
const ipv6 = (bytes, view, field) => {
  const first = view.getUint32(ip);
  const fields = [
    field(
      'version, class, flow',
      ip,
      4,
      `version 6, DSCP ${(first >>> 22) & 63}, ECN ${(first >>> 20) & 3}, flow ${hex(first & 0xfffff, 5)}`,
    ),
    field('payload length', ip + 4, 2, view.getUint16(ip + 4)),
    field('next header', ip + 6, 1, view.getUint8(ip + 6)),
    field('hop limit', ip + 7, 1, view.getUint8(ip + 7)),
    field('source', ip + 8, 16, address6(view, ip + 8)),
    field('destination', ip + 24, 16, address6(view, ip + 24)),
  ];
  // RFC 8200, section 4: hop-by-hop options, routing, fragment, destination options.
  let next = view.getUint8(ip + 6);
  let at = ip + 40;
  while ([0, 43, 44, 60].includes(next) && at + 8 <= bytes.length) {
    const length = next === 44 ? 8 : (view.getUint8(at + 1) + 1) * 8;
    fields.push(field(`extension header ${next}`, at, Math.min(length, bytes.length - at), `${length} bytes`));
    next = view.getUint8(at);
    at += length;
  }
  return { tcp: next === 6 ? at : undefined, end: ip + 40 + view.getUint16(ip + 4), fields };
};

/**
 * RFC 5952, sections 4 and 5 (an IPv4 address within).
 * @param {DataView} view
 * @param {number} at
 */
const address6 = (view, at) => {
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(at + index * 2).toString(16));
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff')
    return `::ffff:${[12, 13, 14, 15].map((offset) => view.getUint8(at + offset)).join('.')}`;
  const zeros = [...groups.join(':').matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].sort(
    (a, b) => b[0].length - a[0].length,
  )[0];
  if (!zeros) return groups.join(':');
  const text = groups.join(':');
  const [before, after] = [text.slice(0, zeros.index), text.slice(zeros.index + zeros[0].length)];
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`;
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
