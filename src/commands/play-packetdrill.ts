// Plays the scripts of packetdrill that experiments name. Loaded when one does: most do not.
import type { RunOptions } from '../run/run-experiment.ts';

export const playPacketdrill: RunOptions['packetdrill'] = async (session, host, path) =>
  (await import('../packetdrill/play-file.ts')).playFile(session, host, path);
