import { expect, test } from 'vitest';
import { userEnvironment } from './user-environment.ts';

test('what npm adds to start a script is taken away again', () => {
  const bins = ['/home/me/finwait/node_modules/.bin', '/home/me/node_modules/.bin', '/node_modules/.bin'];
  const gyp = '/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin';
  const env = {
    PATH: [...bins, gyp, ...bins, gyp, '/home/me/bin', '/other/node_modules/.bin', '/usr/bin'].join(':'),
    HOME: '/home/me',
    NODE: '/usr/bin/node',
    COLOR: '0',
    INIT_CWD: '/home/me/finwait',
    npm_execpath: '/usr/lib/node_modules/npm/bin/npm-cli.js',
    npm_config_json: 'true',
  };
  expect(userEnvironment(env)).toEqual({ HOME: '/home/me', PATH: '/home/me/bin:/other/node_modules/.bin:/usr/bin' });
});

test('without npm everything is the user’s own', () => {
  const env = { PATH: '/home/me/node_modules/.bin:/usr/bin', NODE: 'mine' };
  expect(userEnvironment(env)).toBe(env);
});
