// What a container of a lab may do, and why. compose.yaml says the same in its own words; a test compares both with
// what the engine grants.

const common = [
  '--read-only',
  '--tmpfs',
  '/tmp:rw,nosuid,nodev,size=64m',
  '--security-opt',
  'no-new-privileges',
  '--cap-drop',
  'ALL',
];

/** The group `finwait` of the image (docker/Dockerfile). */
const finwait = 10_000;

/**
 * The group by which containers reach the control socket. A collector that is not root can give a file to no group but
 * its own; its private folder keeps the others of that group away.
 */
export const groupOfContainers = (): number => (process.getuid?.() === 0 ? finwait : (process.getgid?.() ?? finwait));

/**
 * A host: any program of an experiment runs here, so it may nothing. Its network stack has no link but the one its
 * sidecar makes.
 */
export const hostRights = (): string[] => [
  ...['--network', 'none', '--init', ...common, '--user', `host:${groupOfContainers()}`],
  ...['--pids-limit', '2048', '--memory', '2g'],
];

/**
 * A sidecar, beside the host of that container name: NET_ADMIN makes the link and sets sysctls of the host's network
 * stack, NET_RAW is tcpdump's, the device is the link. It begins as root only to become the user `sidecar` with these
 * two (docker/sidecar.sh), which takes SETUID, SETGID and SETPCAP. Of /proc/sys, which Docker mounts read-only, it gets
 * `net` a second time: that shows the network stack of whoever looks, and nothing of the machine.
 */
export const sidecarRights = (hostContainer: string): string[] => [
  ...['--network', `container:${hostContainer}`, ...common, '--user', `0:${groupOfContainers()}`],
  ...['--pids-limit', '256', '--memory', '1g'],
  ...['NET_ADMIN', 'NET_RAW', 'SETUID', 'SETGID', 'SETPCAP'].flatMap((capability) => ['--cap-add', capability]),
  ...['--device', '/dev/net/tun', '--mount', 'type=bind,source=/proc/sys/net,target=/run/sysctl/net'],
];

/** The program the sidecar's container begins with. */
export const asSidecar = ['sh', 'docker/sidecar.sh'];
