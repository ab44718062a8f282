// The retransmission timeout that follows from measured round trips, as Linux computes it: tcp_rtt_estimator() and tcp_set_rto(),
// net/ipv4/tcp_input.c, which is RFC 6298 with a floor under the variance instead of one under the sum.

/** A measurement and the sender's numbers at that moment; times in nanoseconds. */
type Measurement = { trip: number; una: number; nxt: number };

/**
 * The smoothed round trip and the timeout after these measurements; without any, the initial timeout of one second
 * (TCP_TIMEOUT_INIT).
 */
export const timeoutsAfter = (measurements: readonly Measurement[], rtoMinMs = 200): { rtt?: number; rto: number } => {
  let state: State | undefined;
  for (const measurement of measurements)
    state = state ? update(state, measurement, rtoMinMs) : begin(measurement, rtoMinMs);
  return state ? { rtt: state.rtt, rto: state.rtt + state.variance } : { rto: 1000 };
};

type State = { rtt: number; deviation: number; largest: number; variance: number; window: number };

const begin = ({ trip, nxt }: Measurement, rtoMin: number): State => {
  const rtt = trip / 1e6;
  const variance = Math.max(2 * rtt, rtoMin);
  return { rtt, deviation: 2 * rtt, largest: variance, variance, window: nxt };
};

/** The kernel keeps the deviation times four, so that its sum needs no factor. */
const update = (before: State, { trip, una, nxt }: Measurement, rtoMin: number): State => {
  const error = trip / 1e6 - before.rtt;
  const change = Math.abs(error) - before.deviation / 4;
  // A deviation that grows because the round trip became shorter counts an eighth (Eifel).
  const deviation = before.deviation + (error < 0 && change > 0 ? change / 8 : change);
  const largest = Math.max(before.largest, deviation);
  const variance = Math.max(before.variance, largest);
  const after = { rtt: before.rtt + error / 8, deviation, largest, variance, window: before.window };
  if (una <= before.window) return after;
  // Once a round trip the variance may fall again.
  return { ...after, variance: variance - Math.max(0, variance - largest) / 4, window: nxt, largest: rtoMin };
};
