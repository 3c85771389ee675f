#!/bin/bash
# host-init.sh NAME DIRECTORY CACHE: PID 1 of a lab host, in mount, pid and uts namespaces of its own.
#
# Gives the host its name and its own state directories below DIRECTORY, says "ready", and lives until its standard
# input ends, which it does when the process that started the host ends in any way. With PID 1 the kernel ends every
# other process of the namespace, and with the last process go its mounts.
#
# bash, because it reaps adopted processes while it waits. Where nobody does, libvirt waits 40 s for every QEMU it
# probed to go away (virProcessKillPainfully).
set -eu
name=$1 directory=$2 cache=$3

# Nothing mounted here reaches the machine, but all processes of the host share it, as on a real one.
mount --make-rprivate /
mount --make-rshared /
mount -t proc proc /proc
hostname "$name"

# A started host is a booted one: nothing of an earlier run is in /run.
rm -rf "$directory/run"
for target in /run /var/lib/libvirt /etc/libvirt /var/log/libvirt /var/log/swtpm /var/lib/swtpm-localca \
    /var/lib/uefivm /var/lib/kubelet; do
    mkdir -p "$directory$target" "$target"
    mount --bind "$directory$target" "$target"
done
mkdir -p /var/cache/libvirt
mount --bind "$cache" /var/cache/libvirt
# As kubelet makes it: QEMU, which is not root, cannot open what is below.
chmod 750 /var/lib/kubelet
chown tss /var/lib/swtpm-localca

# libvirt asks for its own host's address; without an entry that waits for DNS.
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$name" >"$directory/etc/hosts"
mount --bind "$directory/etc/hosts" /etc/hosts

# libvirt tells hosts apart by UUID, by default the machine's. The host keeps its own when it is started again.
[ -e /etc/libvirt/libvirtd.conf ] ||
    echo "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" >/etc/libvirt/libvirtd.conf
# The hosts share the machine's cgroups, in which domains of the same name and number would meet. Without controllers
# libvirt makes none. AppArmor profiles name paths that are not the host's own.
cat >/etc/libvirt/qemu.conf <<EOT
cgroup_controllers = [ ]
security_driver = "none"
EOT

# A /dev/kvm that only root can open makes libvirt probe QEMU anew for every request: probed as root, QEMU has KVM, but
# virQEMUCapsIsValid then asks whether libvirt-qemu can open it. No guest could use it, so this host has none.
if [ -e /dev/kvm ] &&
    ! setpriv --reuid libvirt-qemu --regid kvm --init-groups test -r /dev/kvm -a -w /dev/kvm; then
    install -m 0 /dev/null "$directory/no-kvm"
    mount --bind "$directory/no-kvm" /dev/kvm
fi

echo ready
exec >/dev/null
while read -r _; do :; done
