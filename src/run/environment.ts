// What a run ran on: the versions that its outcome may depend on.
import { readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { run } from '../process/child.ts';
import { textIn } from '../record/fields.ts';
import type { Plan } from '../recording/schema.ts';

/** Versions as bare numbers, `unknown` where a program does not tell. */
export const readEnvironment = async (): Promise<Plan['environment']> => {
  tools ??= Promise.all([versionOf('ss', '-V'), versionOf('tcpdump', '--version')]);
  const [ss, tcpdump] = await tools;
  const own: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version = textIn(own, 'version') ?? 'unknown';
  return { kernel: release(), arch: arch(), node: process.versions.node, iproute2: ss, tcpdump, finwait: version };
};

/** Asked once: of all runs of a process it is the same. */
let tools: Promise<[string, string]> | undefined;

const versionOf = async (command: string, option: string): Promise<string> => {
  const { ok, stdout, stderr } = await run(command, [option]);
  return (ok && /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0]) || 'unknown';
};
