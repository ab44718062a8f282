// struct tcp_info (include/uapi/linux/tcp.h) as getsockopt(2) gives it: the names packetdrill's assertions use.

/**
 * Fields and their values. What this kernel's structure is too short for is left out. Numbers above 2^53 lose their
 * last digits.
 */
export const decodeTcpInfo = (hexadecimal: string): Record<string, number> => {
  const bytes = Buffer.from(hexadecimal, 'hex');
  const scales = bytes[6] ?? 0;
  const info: Record<string, number> = { tcpi_snd_wscale: scales & 15, tcpi_rcv_wscale: scales >> 4 };
  let at = 0;
  for (const [type, names] of layout) {
    for (const name of names) {
      const width = widths[type];
      at = Math.ceil(at / width) * width;
      if (at + width > bytes.length) return info;
      info[`tcpi_${name}`] = read[type](bytes, at);
      at += width;
    }
  }
  return info;
};

/** The names an assertion may use. */
export const tcpInfoNames = (): Set<string> =>
  new Set([
    ...layout.flatMap(([, names]) => names.map((name) => `tcpi_${name}`)),
    'tcpi_snd_wscale',
    'tcpi_rcv_wscale',
  ]);

const widths = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;
const read: Record<keyof typeof widths, (bytes: Buffer, at: number) => number> = {
  u8: (bytes, at) => bytes.readUInt8(at),
  u16: (bytes, at) => bytes.readUInt16LE(at),
  u32: (bytes, at) => bytes.readUInt32LE(at),
  u64: (bytes, at) => Number(bytes.readBigUInt64LE(at)),
};

const words = (text: string) => text.split(' ');

const layout: [keyof typeof widths, string[]][] = [
  ['u8', words('state ca_state retransmits probes backoff options wscales flags')],
  ['u32', words('rto ato snd_mss rcv_mss unacked sacked lost retrans fackets')],
  ['u32', words('last_data_sent last_ack_sent last_data_recv last_ack_recv')],
  [
    'u32',
    words('pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans'),
  ],
  ['u64', words('pacing_rate max_pacing_rate bytes_acked bytes_received')],
  ['u32', words('segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out')],
  ['u64', words('delivery_rate busy_time rwnd_limited sndbuf_limited')],
  ['u32', words('delivered delivered_ce')],
  ['u64', words('bytes_sent bytes_retrans')],
  ['u32', words('dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash')],
  ['u16', words('total_rto total_rto_recoveries')],
  ['u32', words('total_rto_time')],
];

/** Constants an assertion may compare with. */
export const tcpInfoConstants: Record<string, number> = {
  TCP_ESTABLISHED: 1,
  TCP_SYN_SENT: 2,
  TCP_SYN_RECV: 3,
  TCP_FIN_WAIT1: 4,
  TCP_FIN_WAIT2: 5,
  TCP_TIME_WAIT: 6,
  TCP_CLOSE: 7,
  TCP_CLOSE_WAIT: 8,
  TCP_LAST_ACK: 9,
  TCP_LISTEN: 10,
  TCP_CLOSING: 11,
  TCP_CA_Open: 0,
  TCP_CA_Disorder: 1,
  TCP_CA_CWR: 2,
  TCP_CA_Recovery: 3,
  TCP_CA_Loss: 4,
  TCPI_OPT_TIMESTAMPS: 1,
  TCPI_OPT_SACK: 2,
  TCPI_OPT_WSCALE: 4,
  TCPI_OPT_ECN: 8,
  True: 1,
  False: 0,
};
