// npm run bench: every figure as a ratio against a peer or a limit measured in the same run. Writes bench/latest.json.
// Name figures on the command line to measure only those: npm run bench -- lab delivery
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchDecode } from './decode.ts';
import { benchImageSize, benchPlaces, hasDocker } from './docker.ts';
import { benchFreeRun } from './free-run.ts';
import { benchDelivery, benchIdleWitnesses, benchLabStart } from './lab.ts';
import { type Figure, figure } from './measure.ts';
import { benchRunAll } from './run-all.ts';
import { benchWallTime } from './wall-time.ts';

const decode = async () => {
  const { segments, finwaitMs, tsharkMs } = await benchDecode();
  return figure(
    `tshark -T fields on ${segments} segments`,
    tsharkMs,
    'ms',
    'finwait decoding and correlating them',
    finwaitMs,
    { atLeast: 10 },
  );
};

// As the command line does: without it every process of a lab would strip its types anew.
process.env.NODE_COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.cache/finwait', import.meta.url));

const results = await mkdtemp(join(tmpdir(), 'finwait-bench-'));
const benches: Record<string, () => Promise<Figure | Figure[]>> = {
  wall: () => benchWallTime(results),
  lab: benchLabStart,
  delivery: benchDelivery,
  decode,
  free: benchFreeRun,
  idle: benchIdleWitnesses,
  all: () => benchRunAll(results),
  docker: () => benchPlaces(results),
  image: benchImageSize,
};
const needsDocker = new Set(['docker', 'image']);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`There is no figure '${unknown.join(', ')}'. There are: ${Object.keys(benches).join(', ')}.\n`);
  process.exit(64);
}

const show = ({ name, value, unit, peer, against, ratio, aim }: Figure) => {
  const words = aim && ('atMost' in aim ? `aim: at most ${aim.atMost}` : `aim: at least ${aim.atLeast}`);
  const met = aim && ('atMost' in aim ? ratio <= aim.atMost : ratio >= aim.atLeast);
  const verdict = words ? ` (${words}: ${met ? 'met' : 'missed'})` : '';
  process.stdout.write(
    `${String(ratio).padStart(8)} ×  ${name}: ${value} ${unit}, against ${peer}: ${against}${verdict}\n`,
  );
};

const figures: Figure[] = [];
try {
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (needsDocker.has(name) && !(await hasDocker())) {
      process.stderr.write(`${name} is not measured: no Docker engine answers.\n`);
      continue;
    }
    process.stderr.write(`measuring ${name} …\n`);
    const measured = [await bench()].flat();
    figures.push(...measured);
    measured.forEach(show);
  }
} finally {
  await rm(results, { recursive: true });
}
const machine = { kernel: release(), cores: cpus().length, node: process.versions.node };
const document = { measuredAt: new Date().toISOString(), machine, figures };
if (wanted.length === 0)
  await writeFile(new URL('latest.json', import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
