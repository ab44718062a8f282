// The journal of a recording: a line for every record written, in the order of writing, each with a hash over all
// before it. It begins with the plan. So a record that was changed, exchanged, taken out or put in later is found, and
// so is a file of another run; only whether more came after the last line is for the seal to say.
import { hash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Gap } from '../record/gap.ts';

export const journalFile = 'journal.txt';

type Content = string | Uint8Array;

/** Open the journal in a run's folder; `plan` is the text of plan.json. Throws when it cannot be written. */
export const openJournal = (folder: string, plan: Content) => {
  const file = openSync(join(folder, journalFile), 'w');
  let link = '';
  /** What has just been written to the end of a file. */
  const add = (name: string, content: Content): void => {
    link = linkTo(link, content);
    writeSync(file, `${name} ${Buffer.byteLength(content)} ${link}\n`);
  };
  add('plan.json', plan);
  return { add, close: () => closeSync(file) };
};

/**
 * What contradicts the journal; empty where every byte of the files is the one it tells of. `read` gives undefined for
 * a file that is not there.
 */
export const journalGaps = (journal: string, files: ReadonlyMap<string, Uint8Array>): Gap[] => {
  const offsets = new Map<string, number>();
  let link = '';
  for (const [index, line] of journal.split('\n').slice(0, -1).entries()) {
    const { name = '', bytes, link: stated } = linePattern.exec(line)?.groups ?? {};
    if (bytes === undefined) return gap(`line ${index + 1} of ${journalFile} is damaged`);
    const offset = offsets.get(name) ?? 0;
    const content = files.get(name)?.subarray(offset, offset + Number(bytes)) ?? new Uint8Array();
    link = linkTo(link, content);
    if (link !== stated) return gap(`from byte ${offset} on ${name} is not what the run recorded`);
    offsets.set(name, offset + Number(bytes));
  }
  if (!journal.endsWith('\n')) return gap(`${journalFile} is cut short`);
  if (!offsets.has('plan.json')) return gap(`${journalFile} does not begin with the plan`);
  const longer = [...files].find(([name, { length }]) => length > (offsets.get(name) ?? 0));
  return longer ? gap(`${longer[0]} holds more than the run recorded`) : [];
};

const linePattern = /^(?<name>\S+) (?<bytes>\d+) (?<link>[0-9a-f]{16})$/;

export const linkTo = (before: string, content: Content): string => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return hash('sha256', Buffer.concat([Buffer.from(before), bytes]), 'hex').slice(0, 16);
};

const gap = (reason: string): Gap[] => [{ witness: 'seal', reason }];
