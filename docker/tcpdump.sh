#!/bin/sh
# As root, Debian's tcpdump insists on changing its user and takes CAP_SETUID and CAP_SETGID for it, even with `-Z root`. A sidecar has
# neither, and tcpdump needs neither as long as it does not know that it is root.
LD_PRELOAD=/usr/local/lib/not-root.so exec /usr/bin/tcpdump "$@"
