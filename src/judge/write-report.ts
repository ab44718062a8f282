// Writes what people look at into a run's folder: report.html and the annotated captures. All of it can be made again
// from the record.

import { writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type HostName, hostsIn, perHost } from '../record/hosts.ts';
import { stackOf } from '../record/thrown.ts';
import { fingerprintOf } from '../recording/fingerprint.ts';
import { readRegularFile } from '../recording/read-file.ts';
import { readSeal } from '../recording/seal.ts';
import { differsFromToday } from '../recording/source-of-run.ts';
import { annotateCaptures } from '../report/export/annotate.ts';
import { renderHtml } from '../report/page/html.ts';
import { escapeHtml } from '../report/page/page.ts';
import type { PageInput } from '../report/page/page-data.ts';
import { projectFolder } from '../script/catalogue.ts';
import type { Timeline } from '../timeline/schema.ts';
import type { Result } from '../verdict/schema.ts';
import { keepConclusions } from './conclusions.ts';
import { readAssets } from './page-assets.ts';

/**
 * Write report.html, client.pcapng, server.pcapng and timeline.pcapng. `file` is the experiment's source, as the plan
 * names it.
 */
export const writeReport = async (
  folder: string,
  { timeline, result, file }: { timeline: Timeline; result: Result; file: string },
): Promise<void> => {
  const input = readPageInput(folder, { timeline, result, file });
  writeFileSync(join(folder, 'report.html'), await pageOrReason(input));
  keepConclusions(folder, ['report.html']);
  if (!input.captures) return;
  for (const [name, bytes] of Object.entries(annotateCaptures({ timeline, result, captures: input.captures })))
    writeFileSync(join(folder, name), bytes);
};

/** A page that cannot be drawn costs nobody a verdict. */
const pageOrReason = async (input: PageInput): Promise<string> => {
  try {
    return renderHtml({ ...input, assets: await readAssets('run') });
  } catch (error) {
    const reason = escapeHtml(stackOf(error));
    return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'"><title>finwait</title><p>This page could not be drawn, which is a fault of finwait. The record and the verdicts beside it are complete.</p><pre>${reason}</pre>\n`;
  }
};

/** Timeline and result together with the source and the captures, as far as they are there. */
export const readPageInput = (
  folder: string,
  { timeline, result, file }: { timeline: Timeline; result: Result; file: string },
): PageInput => {
  const read = (path: string) => {
    try {
      return readRegularFile(path);
    } catch {
      return undefined;
    }
  };
  const captures = perHost((host) => read(join(folder, `${host}.pcap`)), hostsIn(timeline.capture));
  const today = isAbsolute(file) ? file : join(projectFolder, file);
  const seal = readSeal(folder);
  const copy = typeof seal === 'object' && isSource(seal.source) ? read(join(folder, seal.source)) : undefined;
  // What lies there under another hash may be a link to any file of this machine.
  const isSealed = copy && typeof seal === 'object' && seal.files[seal.source]?.sha256 === fingerprintOf(copy).sha256;
  const ran = isSealed ? copy : undefined;
  const text = (ran ?? (isSource(file) ? read(today) : undefined))?.toString();
  return {
    timeline,
    result,
    source:
      text === undefined
        ? undefined
        : {
            file: file.replace(/^.*\/(?=experiments\/)/, ''),
            text,
            ...(differsFromToday(folder, today) && { differs: true }),
          },
    captures: isWhole(captures) ? captures : undefined,
  };
};

const isWhole = <T>(captures: Record<HostName, T | undefined>): captures is Record<HostName, T> =>
  Object.values(captures).every((one) => one !== undefined);

/** What a plan names is shown to whoever gets the page: it is to be an experiment, and no other file of this machine. */
const isSource = (file: string): boolean => /\.(ts|pkt)$/.test(file);
