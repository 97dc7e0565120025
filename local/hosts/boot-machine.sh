#!/bin/sh
# Becomes a machine: mounts its root in a mount namespace of its own and runs its boot command there.
# Runs in the machine's folder. Usage: boot-machine.sh OWNER_PID LOWER [CGROUP_FOLDER…] -- COMMAND…
set -eu
if [ "$1" != inside ]; then
  # Our owner may have died before the kernel was told to end us with it.
  [ "$PPID" = "$1" ] || exit 1
  shift
  # systemd-nspawn does not take its machine with it when it is killed. As the first process of a process namespace
  # it does, because the kernel then ends everything in there.
  exec unshare --pid --fork --kill-child=KILL --mount --mount-proc --propagation private -- "$0" inside "$@"
fi
lower=$2
shift 2
while [ "$1" != -- ]; do
  echo 0 >"$1/cgroup.procs"
  shift
done
shift
# Relative paths: the options of an overlay cannot hold every character that a folder's name can.
mkdir -p lower upper work merged
mount --bind -- "$lower" lower
# Where nspawn leaves folders behind.
mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=0755 tmpfs /run/systemd/nspawn
mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
exec "$@"
