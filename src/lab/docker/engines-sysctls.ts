// What Docker sets in the network stack of a container, and what a new network namespace has instead. A test finds any other.
export const enginesSysctls = {
  'net.ipv4.ip_unprivileged_port_start': '1024',
  'net.ipv4.ping_group_range': '1 0',
};
