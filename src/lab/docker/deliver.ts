// Brings what the collector has written to whom it belongs: it waits until the collector is gone, however it went, and
// then copies the runs to the folder the caller gave, as that folder's owner. Usage: node deliver.ts <folder of the
// collector's sockets> <from> <to>
import { writeFileSync } from 'node:fs';
import { outputOf } from '../../process/child.ts';
import { awaitCollector } from './await-collector.ts';

const [folder, from, to] = process.argv.slice(2) as [string, string, string];

const deliver = async () => {
  copying ??= copy();
  await copying;
  process.exit(0);
};
let copying: Promise<unknown> | undefined;

/** The links `latest` are replaced, not followed. */
const copy = () => outputOf('cp', ['-dR', '--remove-destination', `${from}/.`, to], { timeout: 0, inherit: true });

// Compose stops a service after those that depend on it: when this one is told, the collector has ended.
process.on('SIGTERM', deliver);
writeFileSync('/tmp/ready', '');
const channel = await awaitCollector(folder, { role: 'supervisor', part: 'results' }, () => {});
await channel.closed;
await deliver();
