#!/bin/sh
# Becomes the user `sidecar`, with the two capabilities a sidecar needs and nothing else, for whatever it starts: `sh sidecar.sh node …`.
# `docker run --user` would take them away: it makes no capability ambient (capabilities(7)). What runs then is of one user, so that its
# init may pass signals on.
set -eu

# Of the machine's /dev/net/tun this is a node of the container's own; there it may be root's alone.
chmod a+rw /dev/net/tun
keep=-all,+net_admin,+net_raw
exec setpriv --reuid=sidecar --regid="$(id -g)" --clear-groups --inh-caps=$keep --ambient-caps=$keep --bounding-set=$keep tini -- "$@"
