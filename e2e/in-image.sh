#!/bin/sh
# in-image.sh ROOT UID:GID COMMAND...: runs a command in an image's unpacked root as the chart's pods run theirs, with the
# machine's network. The root file system is read-only, /tmp is empty and limited; any user but root is without capabilities
# and cannot gain any. Root gets the mounts of the agent's DaemonSet. A file that KUBECONFIG names is at /tmp/kubeconfig.
set -eu
if [ "$1" != --inside ]; then
  exec unshare --mount --pid --fork --kill-child --propagation unchanged "$0" --inside "$@"
fi
root=$2 uid=${3%:*} gid=${3#*:}
shift 3

# Nothing that is mounted on the root reaches the machine; what the agent binds below shared directories has to.
mount --make-private "$(findmnt -n -o TARGET --target "$root")"
mount --bind "$root" "$root"
mount --make-private "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777,nosuid,nodev,size=64m tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
if [ -n "${KUBECONFIG:-}" ]; then
  install -m 644 "$KUBECONFIG" "$root/tmp/kubeconfig"
  set -- env KUBECONFIG=/tmp/kubeconfig "$@"
fi
if [ "$uid" = 0 ]; then
  for shared in /var/lib/uefivm /var/lib/libvirt/swtpm; do
    mkdir -p "$shared" "$root$shared"
    mount --rbind "$shared" "$root$shared"
  done
  for seen in /var/lib/kubelet /run/libvirt; do
    mkdir -p "$seen" "$root$seen"
    mount --rbind "$seen" "$root$seen"
    mount --make-rslave "$root$seen"
  done
  mkdir -p "$root/host"
  mount --rbind / "$root/host"
  mount --make-rslave "$root/host"
else
  set -- setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
fi
mount -o remount,bind,ro "$root"
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin UEFIVM_LOG=plain chroot "$root" "$@"
