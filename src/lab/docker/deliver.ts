// Brings what the collector has written to whom it belongs: it waits until the collector is gone, however it went, and
// then copies the runs to the folder the caller gave, as that folder's owner. Usage: node deliver.ts <folder of the
// collector's sockets> <from> <to>
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { awaitCollector } from './await-collector.ts';

const [folder, from, to] = process.argv.slice(2) as [string, string, string];

const deliver = () => {
  // The links `latest` are replaced, not followed.
  execFileSync('cp', ['-dR', '--remove-destination', `${from}/.`, to], { stdio: 'inherit' });
  process.exit(0);
};

// Compose stops a service after those that depend on it: when this one is told, the collector has ended.
process.on('SIGTERM', deliver);
writeFileSync('/tmp/ready', '');
const channel = await awaitCollector(folder, { role: 'keeper', part: 'results' }, () => {});
await channel.closed;
deliver();
