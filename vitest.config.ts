// Three kinds of tests: `unit` beside the code they test, `end-to-end` on real hosts and sockets, `docker` on hosts that are containers.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'unit', include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'], testTimeout: 20_000 },
      },
      {
        test: {
          name: 'end-to-end',
          include: ['test/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Every lab is several processes of its own: more than two at a time would only wait for each other.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'docker',
          include: ['test/docker/*.test.ts'],
          exclude: ['test/docker/verdicts.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          // All experiments, and nothing beside them that starts and removes containers: what a slow machine disturbs decides nothing.
          name: 'docker-verdicts',
          include: ['test/docker/verdicts.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
