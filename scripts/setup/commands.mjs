// The programs finwait starts, where Debian keeps them, and what for. To add one, add a row.
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @typedef {{ command: string, debian: string, neededTo: 'run' | 'test' | 'java' | 'go' | 'proxies', use: string }} Command */

/** @type {Command[]} */
export const commands = [
  { command: 'tcpdump', debian: 'tcpdump', neededTo: 'run', use: 'captures the segments of each host' },
  { command: 'ss', debian: 'iproute2', neededTo: 'run', use: 'shows the sockets of each host' },
  { command: 'ip', debian: 'iproute2', neededTo: 'run', use: 'gives the hosts their addresses' },
  { command: 'unshare', debian: 'util-linux', neededTo: 'run', use: 'makes the network namespaces' },
  { command: 'setpriv', debian: 'util-linux', neededTo: 'run', use: 'ends a host together with finwait' },
  { command: 'prlimit', debian: 'util-linux', neededTo: 'run', use: 'limits the descriptors of a process' },
  {
    command: 'nc',
    debian: 'netcat-openbsd',
    neededTo: 'run',
    use: 'is the plain client of the article about an HTTP server',
  },
  { command: 'python3', debian: 'python3', neededTo: 'run', use: 'brings the HTTP server of that article' },
  { command: 'telnet', debian: 'inetutils-telnet', neededTo: 'run', use: 'is the client of the article about tcpdump' },
  {
    command: 'redis-check-rdb',
    debian: 'redis-tools',
    neededTo: 'run',
    use: 'is the Redis server as well, without a service',
  },
  { command: 'bash', debian: 'bash', neededTo: 'run', use: 'starts the Redis server under its own name' },
  { command: 'strace', debian: 'strace', neededTo: 'run', use: 'writes down the socket calls of programs' },
  { command: 'tshark', debian: 'tshark', neededTo: 'test', use: 'decodes the same captures a second time' },
  { command: 'chromium', debian: 'chromium', neededTo: 'test', use: 'opens the HTML reports' },
  { command: 'java', debian: 'default-jdk-headless', neededTo: 'java', use: 'runs the Java programs of experiments' },
  { command: 'javac', debian: 'default-jdk-headless', neededTo: 'java', use: 'compiles them' },
  { command: 'nginx', debian: 'nginx-light', neededTo: 'proxies', use: 'stands between client and server in tests' },
  { command: 'haproxy', debian: 'haproxy', neededTo: 'proxies', use: 'does so as well' },
  { command: 'go', debian: 'golang-go', neededTo: 'go', use: 'builds the Go programs of experiments' },
];

/**
 * What is installed only when asked for: `--with java,go`. Without it some cases are not applicable on a machine, and some
 * tests are skipped. Debian's proxies start as services when they are installed.
 */
export const onDemand = ['java', 'go', 'proxies'];

/**
 * The rows of the table whose program is not on PATH.
 * @param {readonly string[]} wanted what is wanted besides running: `test`, and names of `onDemand`
 * @param {string} [path] directories to look in, as in the environment variable PATH
 * @returns {Command[]}
 */
export const missingCommands = (wanted, path = process.env.PATH ?? '') =>
  commands.filter(({ command, neededTo }) => ['run', ...wanted].includes(neededTo) && !isOnPath(command, path));

/**
 * @param {string} command
 * @param {string} [path] as above
 */
export const isOnPath = (command, path = process.env.PATH ?? '') =>
  path
    .split(delimiter)
    .filter(Boolean)
    .some((folder) => isProgram(join(folder, command)));

/** @param {string} path */
const isProgram = (path) => {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
};
