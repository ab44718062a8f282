#!/usr/bin/env bash
# Brings what `docker compose up` needs to a Debian machine that has none of it: an engine, Compose v2, buildx, and, where no
# registry gives it, a base image made of Debian packages. What is there already is left alone, and `stop` ends only what
# `start` has started.
#
#   sudo scripts/docker-engine.sh start    # says in a line for each what was there and what was brought
#   sudo scripts/docker-engine.sh stop
#   scripts/docker-engine.sh foreground …  # only the engine, with these options of dockerd, until it is signalled
set -euo pipefail

state=/run/finwait-docker-engine
release=bookworm
base=debian:$release-slim
plugins=${DOCKER_CONFIG:-${HOME:-/root}/.docker}/cli-plugins

main() {
  case "${1:-}" in
    start) start ;;
    stop) stop ;;
    foreground) shift && run_engine "$@" ;;
    *) say 'usage: scripts/docker-engine.sh start|stop'; exit 64 ;;
  esac
}

start() {
  require_root
  exec 9>"$state.lock" && flock 9
  bring_engine
  bring_plugin docker-compose compose
  bring_plugin docker-buildx buildx
  bring_base_image
}

bring_engine() {
  if answer=$(engine_version); then
    say "engine: $answer answers already, left as it is"
    return
  fi
  if [ -n "${DOCKER_HOST:-}" ]; then
    fail "The engine DOCKER_HOST names ($DOCKER_HOST) does not answer." 'Start it, or unset DOCKER_HOST.'
  fi
  command -v dockerd >/dev/null || install docker.io
  command -v docker >/dev/null || install docker-cli # a package of its own from Debian 13 on
  mkdir -p "$state"
  # An engine adds rules of its own to the packet filter and turns forwarding on: `stop` takes that back.
  iptables -S FORWARD 2>/dev/null | grep '^-P' >"$state/policy" || echo '-P FORWARD ACCEPT' >"$state/policy"
  cat /proc/sys/net/ipv4/ip_forward >"$state/forward"
  setsid "$0" foreground >"$state/log" 2>&1 9>&- </dev/null &
  echo $! >"$state/pid"
  wait_for_engine $!
  say "engine: $(engine_version) started (pid $(cat "$state/pid"), its words in $state/log)"
}

# In a mount namespace of its own: what the engine mounts, and the cgroups it is given, are nobody else's. It becomes the engine.
run_engine() {
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

wait_for_engine() {
  for _ in $(seq 300); do
    engine_version >/dev/null && return
    if ! kill -0 "$1" 2>/dev/null; then
      tail -n 20 "$state/log" >&2
      fail 'The engine ended as soon as it had started.' 'Its last words are above.'
    fi
    sleep 0.1
  done
  tail -n 20 "$state/log" >&2
  fail 'The engine has not answered for 30 s.' 'Its last words are above.'
}

# Compose v2 and buildx came to Debian after its release 12: a plugin is one static program, taken out of the later package.
bring_plugin() {
  local package=$1 name=$2
  if docker "$name" version >/dev/null 2>&1; then
    say "$name: $(docker "$name" version | head -n 1), left as it is"
    return
  fi
  local folder
  folder=$(mktemp -d)
  chmod 755 "$folder"
  mkdir -p "$folder/lists/partial" "$folder/archives/partial" "$plugins"
  echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main' >"$folder/sources.list"
  # The list is for this one download: what the system installs and upgrades from stays as it is.
  local apt=(apt-get -q -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder" -o Acquire::Retries=3 -o APT::Sandbox::User=root)
  (cd "$folder" && "${apt[@]}" update && "${apt[@]}" download "$package") >"$folder/log" 2>&1 ||
    { cat "$folder/log" >&2; fail "The package $package could not be fetched." 'Its output is above.'; }
  dpkg-deb --fsys-tarfile "$folder"/"$package"_*.deb |
    tar -x -C "$plugins" --strip-components=5 "./usr/libexec/docker/cli-plugins/$package"
  rm -rf "$folder"
  say "$name: $(docker "$name" version | head -n 1), put into $plugins"
}

bring_base_image() {
  if docker image inspect "$base" >/dev/null 2>&1; then
    say "base image: $base is there, left as it is"
    return
  fi
  if timeout 60 docker pull -q "$base" >/dev/null 2>&1; then
    say "base image: $base pulled"
    return
  fi
  command -v mmdebstrap >/dev/null || install mmdebstrap
  # As Debian makes its slim images: without documentation and translations. The certificates are those this machine trusts
  # beyond the usual ones: where a proxy ends TLS, a build needs them as well.
  local log
  log=$(mktemp)
  mmdebstrap --variant=minbase \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' \
    --customize-hook='mkdir -p "$1/usr/local/share/ca-certificates"' \
    --customize-hook='cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/" 2>/dev/null || true' \
    "$release" - 2>"$log" | docker import --message 'made by mmdebstrap' - "$base" >/dev/null ||
    { cat "$log" >&2; fail "The base image $base could not be made." 'The output of mmdebstrap is above.'; }
  rm -f "$log"
  say "base image: no registry gives $base, so it was made of Debian packages"
}

stop() {
  require_root
  if ! [ -e "$state/pid" ]; then
    say 'engine: none was started by this script, nothing to stop'
    return
  fi
  local pid
  pid=$(cat "$state/pid")
  if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
    kill "$pid"
    for _ in $(seq 300); do
      [ -e "/proc/$pid" ] || break
      sleep 0.1
    done
  fi
  ip link delete docker0 2>/dev/null || true
  iptables-save 2>/dev/null | grep -iv docker | iptables-restore || true
  xargs iptables <"$state/policy" || true
  cat "$state/forward" >/proc/sys/net/ipv4/ip_forward
  rm -rf "$state"
  say 'engine: stopped'
}

install() {
  export DEBIAN_FRONTEND=noninteractive
  local log
  log=$(mktemp)
  { apt-get -q -o DPkg::Lock::Timeout=300 update || true
    apt-get -q -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$1"; } >"$log" 2>&1 ||
    { cat "$log" >&2; fail "The package $1 could not be installed." 'The output of apt-get is above.'; }
  rm -f "$log"
  say "$1: installed"
}

engine_version() {
  local version
  version=$(docker version --format '{{.Server.Version}}' 2>/dev/null) && [ -n "$version" ] && echo "Docker $version"
}

require_root() {
  [ "$(id -u)" = 0 ] || fail 'Installing and starting an engine takes root.' "sudo $0"
}

say() {
  echo "docker-engine: $*" >&2
}

fail() {
  say "$1 $2"
  exit 3
}

main "$@"
