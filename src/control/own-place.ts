// Where a part of a lab finds its collector, and which host it belongs to: its command line.
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { type HostName, hostName, hostNames } from '../record/hosts.ts';

/** The options `--control` and `--host`. Ends the process with exit code 64 and a sentence where one is missing or none. */
export const ownPlace = (): { control: string; host: HostName } => {
  const { values } = parseArgs({ options: { control: { type: 'string' }, host: { type: 'string' } } });
  const host = hostName.safeParse(values.host);
  if (values.control && host.success) return { control: values.control, host: host.data };
  const program = basename(process.argv[1] ?? 'it');
  process.stderr.write(`Usage: node ${program} --control <path to control.sock> --host ${hostNames.join('|')}\n`);
  process.exit(64);
};
