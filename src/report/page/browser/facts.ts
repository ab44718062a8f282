// What there is to say about an event by itself.
import type { PageEvent } from '../content.ts';
import { time } from './run.ts';
import { escapeText } from './text.ts';

/** What kind of event it is, and where. */
export const titleOf = (event: PageEvent): string => {
  switch (event.kind) {
    case 'segment':
      return `Segment, ${event.from} to ${event.to}`;
    case 'state':
      return `State of the ${event.host}'s socket`;
    case 'call':
      return event.by === 'node'
        ? `Call by Node, ${event.host}`
        : event.via === 'host'
          ? `Setting of the ${event.host}`
          : `Call, ${event.host}`;
    case 'emit':
      return `Event of Node, ${event.host}`;
    case 'process':
      return `Process, ${event.host}`;
    case 'output':
      return `Output, ${event.host}`;
    case 'counter':
      return `Kernel of the ${event.host}`;
    case 'wire':
      return 'Operation on the wire';
    case 'stage':
      if (event.edge === 'lacks') return 'What the script needs';
      return event.edge === 'note' ? 'Note of the script' : 'Stage of the script';
  }
};

/** Names are plain text, values HTML. */
export const factsOf = (event: PageEvent): [string, string][] => {
  const facts: [string, string][] = [['time', time(event.at)]];
  if (event.stage) facts.push(['stage', escapeText(event.stage)]);
  if ('process' in event) facts.push(['process', escapeText(event.process)]);
  if (event.kind === 'call' && event.asked)
    facts.push(['asked by', escapeText(`${event.asked.api}()${event.asked.by ? ` in ${event.asked.by}` : ''}`)]);
  if (event.kind === 'segment') {
    if (event.sentAt !== undefined) facts[0] = ['sent', `${time(event.sentAt)}, captured on the ${event.from}`];
    facts.splice(1, 0, [
      'received',
      event.receivedAt === undefined ? 'never' : `${time(event.receivedAt)}, captured on the ${event.to}`,
    ]);
    facts.push(
      ['fate', event.fate],
      ['sequence', `relative ${event.seq}, in the header ${event.absolute.seq}`],
      ['ack', event.flags.includes('.') ? `relative ${event.ack}, in the header ${event.absolute.ack}` : ''],
    );
    if (event.role)
      facts.push([
        'role',
        escapeText(event.role.replace('-', ' ') + (event.retransmissionOf ? ` of ${event.retransmissionOf}` : '')),
      ]);
    facts.push([
      'packet',
      [
        event.packet.client ? `${event.packet.client} of client.pcap` : '',
        event.packet.proxy ? `${event.packet.proxy} of proxy.pcap` : '',
        event.packet.server ? `${event.packet.server} of server.pcap` : '',
      ]
        .filter(Boolean)
        .join(', '),
    ]);
  }
  if (event.kind === 'state') {
    facts.push(
      ['change', `${event.from} → ${event.to}`],
      ['seen', `between ${time(event.between[0])} and ${time(event.between[1])}`],
      ['stayed', event.to === 'CLOSED' ? '' : event.dwell === undefined ? 'to the end' : time(event.dwell)],
    );
    facts.push([
      'socket',
      escapeText(
        `${event.local.address}:${event.local.port}${event.peer.port ? ` → ${event.peer.address}:${event.peer.port}` : ''}`,
      ),
    ]);
  }
  if (event.kind === 'call') {
    if (event.target) facts.push(['on', escapeText(event.target)]);
    facts.push([
      'arguments',
      event.args.length > 0 ? `<code>${escapeText(JSON.stringify(event.args).slice(1, -1))}</code>` : 'none',
    ]);
    const { returned } = event;
    facts.push([
      'returned',
      returned
        ? `${returned.errno ? `<b>${escapeText(returned.errno)}</b>` : returned.value === undefined ? 'nothing' : `<code>${escapeText(JSON.stringify(returned.value))}</code>`} after ${time(returned.at - event.at)}`
        : 'not before the end',
    ]);
  }
  if (event.kind === 'process' && event.command)
    facts.push(['command', `<code>${escapeText(event.command.replaceAll(/\/\S*\/(?=[^/\s]+)/g, ''))}</code>`]);
  return facts;
};
