// Which connection something is of, where a run has several.
import type { Timeline } from '../../timeline/schema.ts';

/** `#1 `, or nothing where there is only one. */
export const nameOfConnection = (connection: number | undefined, { connections }: Timeline): string =>
  connection === undefined || connections.length < 2 ? '' : `#${connection} `;
