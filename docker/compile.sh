#!/bin/sh
# Has Node compile every program once as each user that will run it (Node keeps its compile cache by user). They all end at once:
# none is given what it needs to begin its work.
set -eu

main() {
  mkdir -p -m 1777 "$NODE_COMPILE_CACHE"
  compile collector --import ./programs/lab/docker/open-to-supervisors.mjs src/cli.mjs list
  compile collector src/cli.mjs list
  compile host programs/host/agent.mjs
  compile host programs/host/node-process.mjs
  compile host programs/host/raw-process.mjs
  compile host programs/lab/docker/supervisor.mjs
  compile sidecar programs/witness/sidecar.mjs
  compile sidecar programs/lab/docker/supervisor.mjs
  compile root programs/lab/docker/deliver.mjs
  chmod 0755 "$NODE_COMPILE_CACHE"
}

compile() {
  user=$1 && shift
  setpriv --reuid="$user" --regid=finwait --clear-groups timeout 10 node --disable-warning=ExperimentalWarning "$@" >/dev/null 2>&1 || true
}

main
