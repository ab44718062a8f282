#!/bin/sh
# Makes not-root.so: loaded before the C library, it has a program take itself for one that does not run as root.
# Four instructions: an assembler suffices, and the build needs no compiler.
set -eu
case $(dpkg --print-architecture) in
  amd64) body='movl $65534, %eax; ret' ;;
  arm64) body='mov w0, #65534; ret' ;;
  *) echo "finwait's image is for amd64 and arm64, not $(dpkg --print-architecture)." >&2; exit 3 ;;
esac
as -o /tmp/not-root.o <<END
.text
.globl getuid, geteuid
.type getuid, %function
.type geteuid, %function
getuid:
geteuid: $body
.section .note.GNU-stack, "", %progbits
END
ld -shared -o /usr/local/lib/not-root.so /tmp/not-root.o
