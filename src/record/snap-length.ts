// How much of a frame tcpdump keeps.

/**
 * Bytes. In immediate mode every slot of the ring is as big as this: at the default 262144 bytes a burst of a few
 * frames fills it.
 */
export const snapLength = 2048;
