// What containers cost: the same experiment in both places, and the image against the base it is made from.
import { $ } from 'zx/core';
import { type Figure, figure, medianTime } from './measure.ts';

/** Whether a Docker engine answers; without one there is nothing to measure. */
export const hasDocker = async (): Promise<boolean> =>
  (await $({ quiet: true, nothrow: true })`docker version --format '{{.Server.Version}}'`).ok;

export const benchPlaces = async (results: string): Promise<Figure> => {
  const run = (place: string) => () =>
    $`${process.execPath} src/cli.mjs run listen-before-accept --quiet --place ${place} --results ${results}`;
  const inDocker = await medianTime(5, run('docker')); // the image is built by the run that does not count
  const inNamespaces = await medianTime(5, run('namespaces'));
  return figure('listen-before-accept --place docker', inDocker, 'ms', 'the same in namespaces', inNamespaces, {
    atMost: 4,
  });
};

export const benchImageSize = async (): Promise<Figure> => {
  const { stdout } = await $`docker image ls --quiet --filter label=finwait.image=1`;
  const [newest = ''] = stdout.split('\n');
  const [size, base] = await Promise.all([megabytes(newest), megabytes('debian:bookworm-slim')]);
  return figure('image', size, 'MB', 'debian:bookworm-slim', base, { atMost: 3 });
};

const megabytes = async (image: string): Promise<number> =>
  Number((await $`docker image inspect --format '{{.Size}}' ${image}`).stdout) / 1e6;
