#!/bin/bash
# host-init.sh NAME DIRECTORY CACHE: PID 1 of a lab host, in mount, pid and uts namespaces of its own.
#
# Gives the host its name and its own state directories below DIRECTORY, says "ready", and lives until its standard
# input ends, which it does when the process that started the host ends in any way. With PID 1 the kernel ends every
# other process of the namespace, and with the last process go its mounts.
set -eu
name=$1 directory=$2 cache=$3

# Nothing mounted here reaches the machine, but all processes of the host share it, as on a real one.
mount --make-rprivate /
mount --make-rshared /
mount -t proc proc /proc
hostname "$name"

# A started host is a booted one: nothing of an earlier run is in /run.
rm -rf "$directory/run"
mkdir -p "$directory/etc-libvirt"
cat >"$directory/hosts" <<EOT
127.0.0.1 localhost $name
::1 localhost
EOT
mount --bind "$directory/hosts" /etc/hosts
# libvirt refuses to tell two hosts apart by the same machine's UUID; it keeps this one over restarts.
[ -e "$directory/etc-libvirt/libvirtd.conf" ] ||
    echo "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" >"$directory/etc-libvirt/libvirtd.conf"
cat >"$directory/etc-libvirt/qemu.conf" <<EOT
security_driver = "none"
EOT
# own TARGET MODE [USER]: a directory of the host's own over TARGET
own() {
    source=$directory$1
    [ "$1" != /etc/libvirt ] || source=$directory/etc-libvirt
    mkdir -p "$source" "$1"
    mount --bind "$source" "$1"
}
for target in /run /var/lib/libvirt /etc/libvirt /var/log/libvirt /var/log/swtpm /var/lib/swtpm-localca /var/lib/uefivm /var/lib/kubelet; do
    own $target
done
chmod 750 /var/lib/kubelet
chown tss /var/lib/swtpm-localca
# A /dev/kvm that only root can open makes libvirt probe QEMU anew for every request (QEMU is probed as root and finds
# KVM, then virQEMUCapsIsValid asks whether libvirt-qemu could). QEMU could not use it, so the host has none.
if [ -e /dev/kvm ] && ! setpriv --reuid libvirt-qemu --regid kvm --init-groups test -r /dev/kvm -a -w /dev/kvm; then
    touch "$directory/no-kvm"
    chmod 0 "$directory/no-kvm"
    mount --bind "$directory/no-kvm" /dev/kvm
fi
mkdir -p $cache /var/cache/libvirt
mount --bind $cache /var/cache/libvirt
echo ready
exec >/dev/null
while read -r _; do :; done
