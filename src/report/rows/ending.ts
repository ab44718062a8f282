// The last row: which connections are still there when the recording ends, which no event tells.
import type { HostName } from '../../record/hosts.ts';
import type { Timeline } from '../../timeline/schema.ts';
import type { Cell, Row } from './row.ts';

/** Undefined when nothing is left. */
export const endingRow = ({ events, duration }: Timeline): Row | undefined => {
  const last = new Map(
    events.flatMap((event) => (event.kind === 'state' ? [[`${event.host} ${event.socket}`, event] as const] : [])),
  );
  const cellOf = (host: HostName): Cell | undefined => {
    const states = [...last.values()].filter((event) => event.host === host).map(({ to }) => to);
    const open = states.filter((state) => state !== 'CLOSED' && state !== 'LISTEN');
    const words = [...new Set(open)].map((state) => {
      const count = open.filter((other) => other === state).length;
      return count > 1 ? `${count} in ${state}` : state;
    });
    return words.length > 0 ? { text: words.join(', '), style: 'state', notes: ['at the end'] } : undefined;
  };
  const clientState = cellOf('client');
  const serverState = cellOf('server');
  if (!clientState && !serverState) return undefined;
  const cells = { ...(clientState && { clientState }), ...(serverState && { serverState }) };
  return { at: duration, step: Number.POSITIVE_INFINITY, events: [], cells };
};
