#!/bin/bash
# private-libvirt.sh DIRECTORY: PID 1 of mount and pid namespaces with a libvirt of their own, whose state is below
# DIRECTORY. Says "ready" and lives until its standard input ends, which it does however the process that started it
# ends; with PID 1 the kernel ends every process in here, and with the last one go the mounts.
#
# bash and not sh: it reaps the daemons that libvirt leaves to PID 1. libvirt waits 40 s for each that is not reaped.
set -eu
directory=$1
mount --make-rprivate /
mount -t proc proc /proc
mkdir -p "$directory"/{run,lib,etc,log,cache}
echo "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" >"$directory/etc/libvirtd.conf"
# Without mount namespaces of its own for QEMU: they would have to move what is bound over /dev/kvm below.
printf '%s\n' 'security_driver = "none"' 'namespaces = []' >"$directory/etc/qemu.conf"
mount --bind "$directory/run" /run
mount --bind "$directory/lib" /var/lib/libvirt
mount --bind "$directory/etc" /etc/libvirt
mount --bind "$directory/log" /var/log/libvirt
mount --bind "$directory/cache" /var/cache/libvirt
# A /dev/kvm that root can open and QEMU's user cannot makes libvirt probe QEMU a dozen times for each start.
if [ -e /dev/kvm ] && ! setpriv --reuid libvirt-qemu --regid kvm --init-groups test -r /dev/kvm -a -w /dev/kvm; then
    touch "$directory/no-kvm"
    mount --bind "$directory/no-kvm" /dev/kvm
fi
virtlogd -d
echo ready
exec >/dev/null
while read -r _; do :; done
