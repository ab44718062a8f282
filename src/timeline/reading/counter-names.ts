// What a rise of one of the kernel's counters says (include/uapi/linux/snmp.h; where each is counted stands in net/ipv4/tcp*.c).

export type Meaning = {
  words: string;
  /** It says what no segment, call or state shows. */
  telling?: true;
};

/** The meaning of a counter by its name, `TcpExt.ListenDrops`; none for those that only count what is seen anyway. */
export const meaningOf = (name: string): Meaning | undefined => {
  const telling = tellingNames[name];
  if (telling !== undefined) return { words: telling, telling: true };
  const words = names[name];
  return words === undefined ? undefined : { words };
};

const tellingNames: Record<string, string> = {
  'TcpExt.ListenOverflows': 'the kernel dropped a SYN, or what was to complete a handshake: accept queue full',
  'TcpExt.ListenDrops': 'a listener dropped a SYN, or what was to complete a handshake',
  'TcpExt.TCPReqQFullDrop': 'the kernel dropped a SYN: SYN queue full, no SYN cookies',
  'TcpExt.TCPReqQFullDoCookies':
    'the kernel was to answer a SYN with a SYN cookie: SYN queue full, or tcp_syncookies is 2',
  'TcpExt.TCPLossProbes': 'the kernel sent a tail loss probe',
  'TcpExt.TCPLossProbeRecovery': 'the kernel takes it that a tail loss probe repaired a loss',
  'TcpExt.TCPAbortOnData':
    'aborted: data came that nobody can read any more, close() with SO_LINGER 0, or TCP_LINGER2 below 0',
  'TcpExt.TCPAbortOnClose': 'reset: closed with data unread',
  'TcpExt.TCPAbortOnTimeout': 'given up: no answer to retransmissions or probes in time, or TCP_USER_TIMEOUT is over',
  'TcpExt.TCPAbortOnLinger': 'reset: closed in FIN-WAIT-2 with TCP_LINGER2 below 0',
  'TcpExt.TCPAbortOnMemory': 'reset: too many orphans, or no memory for them',
  'TcpExt.TCPAbortFailed': 'a reset could not be sent',
  'TcpExt.TCPChallengeACK': 'the kernel sent a challenge ACK (RFC 5961)',
  'TcpExt.TCPSYNChallenge': 'a SYN came on an open connection, which calls for a challenge ACK (RFC 5961)',
  'TcpExt.TCPACKSkippedSynRecv': 'an ACK was withheld: one had just been sent (tcp_invalid_ratelimit)',
  'TcpExt.TCPACKSkippedPAWS': 'an ACK was withheld: one had just been sent (tcp_invalid_ratelimit)',
  'TcpExt.TCPACKSkippedSeq': 'an ACK was withheld: one had just been sent (tcp_invalid_ratelimit)',
  'TcpExt.TCPACKSkippedFinWait2': 'an ACK was withheld: one had just been sent (tcp_invalid_ratelimit)',
  'TcpExt.TCPACKSkippedTimeWait': 'an ACK was withheld: one had just been sent (tcp_invalid_ratelimit)',
  'TcpExt.TCPACKSkippedChallenge': 'a challenge ACK was withheld: one had just been sent (tcp_invalid_ratelimit)',
  'TcpExt.TWRecycled': 'a socket in TIME-WAIT gave way to a new connection',
  'TcpExt.TCPTimeWaitOverflow':
    'there was no room for a socket in TIME-WAIT, or in the FIN-WAIT-2 of an orphan (tcp_max_tw_buckets)',
  'TcpExt.TCPBacklogDrop': "a segment was dropped: the socket's backlog was full",
  'TcpExt.TCPRcvQDrop': 'a segment was dropped: the receive queue was full',
  'TcpExt.TCPZeroWindowDrop': 'a segment was dropped: the window was closed',
  'TcpExt.TCPMinTTLDrop': 'a segment was dropped: its TTL was below IP_MINTTL',
  'TcpExt.RcvPruned': 'a segment was dropped: no memory, and the receive queue could not be made smaller',
  'TcpExt.OfoPruned': 'data that had come out of order were dropped: no memory',
  'TcpExt.PruneCalled': 'a receive buffer was full and had to be squeezed',
  'TcpExt.PAWSActive': 'an ACK in SYN-SENT was rejected: it echoes a timestamp that was not sent (RFC 7323)',
  'TcpExt.PAWSEstab': 'a segment was rejected by its timestamp (PAWS, RFC 7323)',
  'TcpExt.TSEcrRejected': 'a segment was rejected by the timestamp it echoes (RFC 7323)',
  'TcpExt.LockDroppedIcmps': 'an ICMP message was dropped: the socket was in use',
  'TcpExt.OutOfWindowIcmps': 'an ICMP message was ignored: its sequence number is outside of the window',
  'TcpExt.TCPSpuriousRTOs': 'a retransmission timeout was spurious (F-RTO, RFC 5682)',
  'TcpExt.TCPRetransFail': 'a retransmission could not be sent',
  'Tcp.InErrs': 'a segment was thrown away: malformed, a wrong checksum, or a SYN on an open connection',
  'Tcp.InCsumErrors': 'a segment was thrown away: wrong checksum',
};

/** What segments, calls and states show as well. */
const names: Record<string, string> = {
  'TcpExt.TCPTimeouts': 'a retransmission timer ran out',
  'TcpExt.SyncookiesSent': 'a SYN was answered with a SYN cookie',
  'TcpExt.SyncookiesRecv': 'an ACK came that may bring back a SYN cookie',
  'TcpExt.SyncookiesFailed': 'an ACK came that brings back no SYN cookie',
  'TcpExt.TCPSynRetrans': 'a SYN or SYN-ACK was sent again',
  'TcpExt.TCPKeepAlive': 'a keepalive probe was sent',
  'TcpExt.TCPWinProbe': 'a window probe was sent',
  'TcpExt.TCPFastRetrans': 'a fast retransmission',
  'TcpExt.TCPSlowStartRetrans': 'a retransmission in slow start',
  'TcpExt.TCPDSACKOldSent': 'a DSACK was sent: something came twice',
  'TcpExt.TCPDSACKRecv': 'a DSACK came: something had been received twice',
  'TcpExt.TCPOFOQueue': 'data came out of order',
  'TcpExt.DelayedACKs': 'a delayed ACK was sent',
  'TcpExt.DelayedACKLost': 'a segment came that had been received before',
  // Their names are older than what they count: __inet_twsk_schedule() in net/ipv4/inet_timewait_sock.c counts when it
  // sets the timer, of TIME-WAIT or of an orphan's FIN-WAIT-2, the second where that is 4 seconds or less.
  'TcpExt.TW': 'a socket was left to a timer, in TIME-WAIT or in FIN-WAIT-2',
  'TcpExt.TWKilled': 'a socket was left to a timer of 4 s at most, in TIME-WAIT or in FIN-WAIT-2',
  'TcpExt.TCPToZeroWindowAdv': 'the window was closed',
  'TcpExt.TCPFromZeroWindowAdv': 'the window was opened again',
  'Tcp.RetransSegs': 'a segment was sent again',
  'Tcp.OutRsts': 'a reset was sent, or was to be',
  'Tcp.EstabResets': 'an open connection was reset or given up',
  'Tcp.AttemptFails': 'a connection attempt failed',
};
