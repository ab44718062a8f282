import { expect, test } from 'vitest';
import { explainFailure } from './explain-failure.ts';

test.each([
  ['spawn tcpdump ENOENT', 'There is no program tcpdump on the PATH.', 'sudo apt-get install tcpdump'],
  [
    'setpriv: failed to execute unshare: No such file or directory',
    'There is no program unshare on the PATH.',
    'sudo apt-get install util-linux',
  ],
  [
    'unshare: unshare failed: Operation not permitted',
    'The system does not let this user make namespaces.',
    '--cap-add SYS_ADMIN',
  ],
  [
    'unshare: unshare failed: No space left on device',
    'The system does not let this user make namespaces.',
    'user.max_user_namespaces',
  ],
  [
    "tcpdump: wire: You don't have permission\n(socket: Operation not permitted)",
    'tcpdump may not capture: the capability CAP_NET_RAW is missing.',
    '--cap-add NET_RAW',
  ],
])('%s', (words, cause, remedy) => {
  const { message, remedy: given, code } = explainFailure('The client host ended on its own', words);
  expect(message.startsWith(cause)).toBe(true);
  expect(given).toContain(remedy);
  expect(code).toBe('ELAB');
});

test('words nobody knows are passed on, with where to look', () => {
  const { message } = explainFailure('The client host ended on its own', 'Segmentation fault\n');
  expect(message).toBe(
    'The client host ended on its own: Segmentation fault. Run `finwait doctor` to see what this machine can do.',
  );
  expect(explainFailure('The client host ended on its own', '').message).toMatch(
    /^The client host ended on its own\. Run/,
  );
});
