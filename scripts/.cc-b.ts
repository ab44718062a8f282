import yargs from 'yargs'; import { z } from 'zod'; import { execa } from 'execa';
const a: number = z.number().parse(1); yargs([]); void execa; process.stdout.write(String(a));
