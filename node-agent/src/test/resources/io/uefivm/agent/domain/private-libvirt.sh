#!/bin/bash
# private-libvirt.sh DIRECTORY: PID 1 of mount, network and pid namespaces of its own, with a libvirt whose state is below
# DIRECTORY. Says "ready", and lives until its standard input ends; everything in the namespaces ends with it.
#
# bash and not sh: libvirt waits up to 40 s for a QEMU that it ended to be gone, for each probe, and dash, as PID 1,
# leaves it a zombie while it reads.
set -eu
directory=$1

own() {
    mkdir -p "$directory$1" "$1"
    mount --bind "$directory$1" "$1"
}
mkdir -p "$directory/etc/libvirt"
# The machine's own UUID is what another libvirt on it has.
echo "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" >"$directory/etc/libvirt/libvirtd.conf"
echo 'security_driver = "none"' >"$directory/etc/libvirt/qemu.conf"
for target in /run /etc/libvirt /var/cache/libvirt /var/lib/libvirt /var/log/libvirt /var/lib/swtpm-localca /var/lib/uefivm; do
    own $target
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
libvirtd -d
echo ready
exec >/dev/null
while read -r _; do :; done
