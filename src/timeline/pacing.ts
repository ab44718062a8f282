// Whether a socket paces: whether it spreads what it sends over time.
import type { SocketRow } from '../record/samples.ts';

/** ss names a bound of SO_MAX_PACING_RATE after the rate: `240000bps/240000bps`. */
export const doesPace = (info: SocketRow['info']): boolean =>
  info.bbr !== undefined || String(info.pacing_rate).includes('/');
