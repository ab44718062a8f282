#!/usr/bin/env bash
# Becomes dockerd, with the options given, in a mount namespace of its own: what the engine mounts, and the cgroups it is
# given, are nobody else's.
set -euo pipefail

main() {
  exec unshare --mount --propagation private bash -c "$(declare -f mount_cgroups); mount_cgroups; exec dockerd \"\$@\"" dockerd "$@"
}

# A machine without systemd may have no cgroups mounted, or have them hidden under another mount.
mount_cgroups() {
  [ -e /sys/fs/cgroup/cgroup.controllers ] || [ -n "$(ls -A /sys/fs/cgroup/pids 2>/dev/null)" ] && return
  if ! grep -qv '^0::' /proc/self/cgroup; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    return
  fi
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  while IFS=: read -r _ controllers _; do
    [ -n "$controllers" ] || continue
    folder=/sys/fs/cgroup/${controllers#name=}
    case $controllers in name=*) controllers=none,$controllers ;; esac
    mkdir -p "$folder"
    mount -t cgroup -o "$controllers" cgroup "$folder"
  done </proc/self/cgroup
}

main "$@"
