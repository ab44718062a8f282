#!/bin/sh
# Has Node compile every program once as each user that will run it (Node keeps its compile cache by user). They all end at once:
# none is given what it needs to begin its work.
set -eu

main() {
  mkdir -p -m 1777 "$NODE_COMPILE_CACHE"
  compile collector --import ./src/lab/docker/open-to-keepers.ts src/cli.mjs list
  compile collector src/cli.mjs list
  compile host src/host/agent.ts
  compile host src/host/node-process.ts
  compile host src/host/raw-process.ts
  compile host src/lab/docker/keeper.ts
  compile sidecar src/witness/sidecar.ts
  compile sidecar src/lab/docker/keeper.ts
  compile root src/lab/docker/deliver.ts
  # Loaded with the first child (src/process/child.ts), which none of these runs comes to.
  for user in collector host sidecar root; do compile "$user" --eval "import('execa')"; done
  chmod 0755 "$NODE_COMPILE_CACHE"
}

compile() {
  user=$1 && shift
  setpriv --reuid="$user" --regid=finwait --clear-groups timeout 10 node --disable-warning=ExperimentalWarning "$@" >/dev/null 2>&1 || true
}

main
