// The states of TCP.
import { z } from 'zod';

export const tcpState = z.enum([
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
]);
/** A TCP state in the spelling of RFC 9293, section 3.3.2. CLOSED stands for "no row in ss". */
export type TcpState = z.infer<typeof tcpState>;
