// What a container of a lab may do, and why. compose.yaml says the same in its own words; a test compares both with what the engine grants.

const common = [
  '--init',
  '--read-only',
  '--tmpfs',
  '/tmp:rw,nosuid,nodev,size=64m',
  '--security-opt',
  'no-new-privileges',
  '--cap-drop',
  'ALL',
];

/** A host: any program of an experiment runs here, so it may nothing. Its network stack has no link but the one its sidecar makes. */
export const hostRights = ['--network', 'none', ...common, '--user', 'host', '--pids-limit', '2048', '--memory', '2g'];

/**
 * A sidecar, beside the host of that container name: NET_ADMIN makes the link and sets sysctls of the host's network stack, NET_RAW is
 * tcpdump's, the device is the link, and the system paths are /proc/sys, which Docker (and its AppArmor profile) would make read-only.
 */
export const sidecarRights = (hostContainer: string): string[] => [
  ...['--network', `container:${hostContainer}`, ...common, '--user', '0:0', '--pids-limit', '256', '--memory', '1g'],
  ...['--cap-add', 'NET_ADMIN', '--cap-add', 'NET_RAW', '--device', '/dev/net/tun'],
  ...['--security-opt', 'systempaths=unconfined', '--security-opt', 'apparmor=unconfined'],
];
