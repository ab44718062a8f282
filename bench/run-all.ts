// All experiments side by side, against the longest wait among them and against the sum of what each takes.
import { $ } from 'zx/core';
import { listExperiments, loadExperiment } from '../src/script/catalogue.ts';
import { jsonDocument } from '../src/verdict/schema.ts';
import { figure } from './measure.ts';

export const benchRunAll = async (results: string) => {
  const begun = performance.now();
  const all = $({ quiet: true, nothrow: true })`${process.execPath} src/cli.mjs run all --json --results ${results}`;
  const { stdout } = await all;
  const elapsed = (performance.now() - begun) / 1000;
  const { runs } = jsonDocument.parse(JSON.parse(stdout));
  const sum = runs.reduce((total, { durationMs }) => total + durationMs, 0) / 1000;
  const definitions = await Promise.all(listExperiments().map(loadExperiment));
  const longest = Math.max(...definitions.map(({ longestWaitSeconds = 0 }) => longestWaitSeconds));
  return [
    figure('run all, side by side', elapsed, 's', 'the longest wait that cannot be shortened', longest, {
      atMost: 1.25,
    }),
    figure('run all, side by side', elapsed, 's', 'the sum of its experiments', sum),
  ];
};
