// Plays the scripts of packetdrill that experiments name. Loaded when one does: most do not.
import type { PlayPacketdrill } from '../script/play.ts';

export const playPacketdrill: PlayPacketdrill = async (session, host, path) =>
  (await import('../packetdrill/play-file.ts')).playFile(session, host, path);
