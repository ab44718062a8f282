// The TAP device that is a host's only link: frames the kernel sends are read here, frames for the kernel are written
// here. A blocking read would keep the process from ever ending, so the descriptor is non-blocking and waited for with
// a bounded poll(2).

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import koffi from 'koffi';
import { errorCodeOf } from '../record/thrown.ts';

// linux/if_tun.h
const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const POLLIN = 1;
const pollMilliseconds = 500;
const largestFrame = 65_536;

export type Tap = {
  /** Everything the kernel has queued by now is handed to onFrame before this returns. */
  drain(): void;
  /**
   * Hand a frame to the kernel, which has processed it when this returns (tun_get_user calls netif_receive_skb). False
   * where the link is down.
   */
  write(frame: Uint8Array): boolean;
  close(): void;
};

/**
 * Create the device `name` in this network namespace and read from it until closed. Throws when /dev/net/tun cannot be
 * opened.
 */
export const openTap = (name: string, onFrame: (frame: Buffer) => void): Tap => {
  const descriptor = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  createDevice(descriptor, name);
  const buffer = Buffer.allocUnsafe(largestFrame);
  let open = true;

  const readOne = (): Buffer | undefined => {
    try {
      const length = readSync(descriptor, buffer);
      return Buffer.from(buffer.subarray(0, length));
    } catch (error) {
      const code = errorCodeOf(error);
      if (code === 'EAGAIN' || code === 'EIO') return undefined; // EIO: the link is not up yet
      throw error;
    }
  };
  const drain = () => {
    for (let frame = readOne(); frame; frame = readOne()) onFrame(frame);
  };
  const watch = () => {
    if (!open) return;
    poll.async([{ fd: descriptor, events: POLLIN, revents: 0 }], 1, pollMilliseconds, () => {
      if (!open) return;
      drain();
      watch();
    });
  };
  watch();

  return {
    drain,
    write: (frame) => {
      try {
        writeSync(descriptor, frame);
        return true;
      } catch (error) {
        if (errorCodeOf(error) === 'EIO') return false; // drivers/net/tun.c: the device is not IFF_UP
        throw error;
      }
    },
    close: () => {
      open = false;
      closeSync(descriptor);
    },
  };
};

const libc = koffi.load(null);
const ioctl = libc.func('int ioctl(int, unsigned long, void *)');
koffi.struct('pollfd', { fd: 'int', events: 'short', revents: 'short' });
const poll = libc.func('int poll(pollfd *, unsigned long, int)');

/** struct ifreq: 16 bytes of name, then the flags. */
const createDevice = (descriptor: number, name: string) => {
  const request = Buffer.alloc(40);
  request.write(name, 0, 15, 'latin1');
  request.writeUInt16LE(IFF_TAP | IFF_NO_PI, 16);
  if (ioctl(descriptor, TUNSETIFF, request) === 0) return;
  const errno = koffi.errno();
  closeSync(descriptor);
  throw new Error(
    `The TAP device ${name} could not be created (errno ${errno}): the sidecar needs CAP_NET_ADMIN in its network namespace.`,
  );
};
