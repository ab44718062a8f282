// How a line of a script is named to its reader: relative to the project, where it lies in it.
import { relative } from 'node:path';
import type { Source } from '../record/source.ts';
import { projectFolder } from './project-folder.ts';

/** `experiments/close/half-close.ts:12` */
export const nameOfSource = ({ file, line }: Source): string =>
  `${file.startsWith(projectFolder) ? relative(projectFolder, file) : file}:${line}`;
