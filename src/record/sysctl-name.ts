// Which sysctls of a machine belong to a network stack, so that a lab may touch them: all below `net`. Of those a
// network namespace shows only its own (net/sysctl_net.c, net_ctl_header_lookup), and the kernel makes read-only what
// it would share (ensure_safe_net_sysctl).

/** What is wrong with the name of a sysctl, in a sentence; undefined when a lab may touch it. */
export const faultOfSysctlName = (name: string): string | undefined => {
  if (!/^[\w-]+(\.[\w-]+)*$/.test(name))
    return `'${name}' is not the name of a sysctl: it is written with dots, such as net.ipv4.tcp_fin_timeout.`;
  if (!/^net\../.test(name))
    return `The sysctl ${name} is the machine's: a lab reaches only those of its hosts' network stacks, net.*.`;
  return undefined;
};
