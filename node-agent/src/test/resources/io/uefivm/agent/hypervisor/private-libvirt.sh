#!/bin/bash
# private-libvirt.sh DIRECTORY: PID 1 of mount, network and pid namespaces for a libvirt of their own, whose state is below
# DIRECTORY. Says "ready" and lives until its standard input ends, which it does however the process that started it
# ends; with PID 1 the kernel ends every process in here, and with the last one go the mounts.
#
# bash and not sh: it reaps the daemons that libvirt leaves to PID 1. libvirt waits 40 s for each that is not reaped.
set -eu
directory=$1
mount --make-rprivate /
mount -t proc proc /proc
mkdir -p "$directory/etc/libvirt"
echo "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" >"$directory/etc/libvirt/libvirtd.conf"
# Without mount namespaces of its own for QEMU: they would have to move what is bound over /dev/kvm below.
printf '%s\n' 'security_driver = "none"' 'namespaces = []' >"$directory/etc/libvirt/qemu.conf"
for own in /run /etc/libvirt /var/cache/libvirt /var/lib/libvirt /var/log/libvirt /var/lib/swtpm-localca /var/lib/uefivm; do
    mkdir -p "$directory$own" "$own"
    mount --bind "$directory$own" "$own"
done
chown tss /var/lib/swtpm-localca
# libvirt asks QEMU for its capabilities anew on every call when root may open /dev/kvm and QEMU's user may not.
if [ -e /dev/kvm ]; then
    mknod "$directory/kvm" c 10 232
    chgrp kvm "$directory/kvm"
    chmod 660 "$directory/kvm"
    mount --bind "$directory/kvm" /dev/kvm
fi
# The bridge that samples name.
ip link set lo up
ip link add br0 type bridge
ip link set br0 up
virtlogd -d
echo ready
exec >/dev/null
while read -r _; do :; done
