// What the wire needs of a host's sidecar.

export type LinkState = 'up' | 'down';

/**
 * When the host's kernel had processed a frame (CLOCK_MONOTONIC, ns). `isLost`: the host's link is down, the frame went
 * nowhere.
 */
export type Delivery = { t: number; done: number; isLost?: boolean };

export type Link = {
  /** Write a frame to the host's TAP; resolves when its kernel has processed it. */
  deliver(frame: Uint8Array): Promise<Delivery>;
  /** Take the host's link down, or up again (ip-link(8)). */
  setState(state: LinkState): Promise<void>;
  /** Have ss run on the host and its output recorded. */
  sample(reason: string): Promise<void>;
  /** Resolves when every frame the host's kernel has sent so far has been read. */
  barrier(): Promise<void>;
};
