#!/bin/sh
# Has Node compile every program once as each user that will run it (Node keeps its compile cache by user). They all end at once:
# none is given what it needs to begin its work.
set -eu
mkdir -p -m 1777 "$NODE_COMPILE_CACHE"

as_root='src/cli.mjs src/witness/sidecar.ts'
as_host='src/host/agent.ts src/host/node-process.ts src/host/raw-process.ts'

for program in $as_root; do node "$program" list >/dev/null 2>&1 || true; done
for program in $as_host; do
  setpriv --reuid=host --regid=host --clear-groups node --disable-warning=ExperimentalWarning "$program" >/dev/null 2>&1 || true
done
chmod 0755 "$NODE_COMPILE_CACHE"
ls "$NODE_COMPILE_CACHE"
