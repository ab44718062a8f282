// The engine itself: started where none answers, and stopped again with all it has changed on the machine.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isOnPath } from '../setup/commands.mjs';
import { Failure, say } from './failure.ts';
import { install, shell } from './shell.ts';

const state = '/run/finwait-docker-engine';
const pidFile = join(state, 'pid');
const log = join(state, 'log');
const forwarding = '/proc/sys/net/ipv4/ip_forward';

/** Throws Failure. */
export const bringEngine = async (): Promise<void> => {
  const answer = await engineVersion();
  if (answer) return say(`engine: ${answer} answers already, left as it is`);
  const { DOCKER_HOST } = process.env;
  if (DOCKER_HOST)
    throw new Failure(
      `The engine DOCKER_HOST names (${DOCKER_HOST}) does not answer.`,
      'Start it, or unset DOCKER_HOST.',
    );
  if (!isOnPath('dockerd')) await install('docker.io');
  if (!isOnPath('docker')) await install('docker-cli'); // a package of its own from Debian 13 on
  mkdirSync(state, { recursive: true });
  // An engine adds rules of its own to the packet filter and turns forwarding on: `stop` takes that back.
  const { stdout } = await shell`iptables -S FORWARD`;
  writeFileSync(join(state, 'policy'), /^-P .*$/m.exec(stdout)?.[0] ?? '-P FORWARD ACCEPT');
  writeFileSync(join(state, 'forward'), readFileSync(forwarding));
  const pid = await startEngine();
  say(`engine: ${await engineVersion()} started (pid ${pid}, its words in ${log})`);
};

const engineVersion = async (): Promise<string | undefined> => {
  const { ok, stdout } = await shell`docker version --format '{{.Server.Version}}'`;
  return ok && stdout.trim() ? `Docker ${stdout.trim()}` : undefined;
};

/** Not by zx: the engine stays when this script has ended. Resolves to its pid once it answers. */
const startEngine = async (): Promise<number> => {
  const words = openSync(log, 'w');
  const engine = spawn(join(import.meta.dirname, 'dockerd.sh'), {
    detached: true,
    stdio: ['ignore', words, words],
  });
  closeSync(words);
  engine.unref();
  writeFileSync(pidFile, `${engine.pid}\n`);
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await engineVersion()) return engine.pid as number;
    if (engine.exitCode !== null || engine.signalCode !== null)
      throw new Failure('The engine ended as soon as it had started.', 'Its last words are above.', lastWords());
    await pause(100);
  }
  throw new Failure('The engine has not answered for 30 s.', 'Its last words are above.', lastWords());
};

const lastWords = () => readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n');

export const stopEngine = async (): Promise<void> => {
  if (!existsSync(pidFile)) return say('engine: none was started by this script, nothing to stop');
  const pid = Number(readFileSync(pidFile, 'utf8'));
  if (programOf(pid) === 'dockerd') {
    process.kill(pid);
    for (let attempt = 0; attempt < 300 && existsSync(`/proc/${pid}`); attempt++) await pause(100);
  }
  // What is not there any more needs no taking back.
  await shell`ip link delete docker0`;
  await shell`iptables-save | grep -iv docker | iptables-restore`;
  await shell`xargs iptables < ${join(state, 'policy')}`;
  writeFileSync(forwarding, readFileSync(join(state, 'forward')));
  rmSync(state, { recursive: true, force: true });
  say('engine: stopped');
};

const programOf = (pid: number): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined; // it has ended
  }
};
