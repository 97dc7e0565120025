#!/bin/sh
# Becomes a machine: mounts its root in a mount namespace of its own and runs its boot command there.
# Runs in the machine's folder. Usage: boot-machine.sh OWNER_PID LOWER [CGROUP_FOLDER…] -- COMMAND…
set -eu
owner=$1
lower=$2
shift 2
# Our owner may have died before the kernel was told to end us with it.
[ "$PPID" = "$owner" ] || exit 1
while [ "$1" != -- ]; do
  echo $$ >"$1/cgroup.procs"
  shift
done
shift
# Relative paths: the options of an overlay cannot hold every character that a folder's name can.
mkdir -p lower upper work merged
mount --bind -- "$lower" lower
mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
exec "$@"
