#!/bin/bash
# machine.sh DIRECTORY: makes a KVM host of a nested machine, then runs DIRECTORY/programs.sh on it, for ever. Its first
# process; bash, because it reaps adopted processes while it waits. With uefivm.init=systemd on the kernel's command line
# systemd becomes the first process instead, and this is a service of it.
#
# DIRECTORY is shared with the machine outside: what programs write there is seen at once. DIRECTORY/drivers says all the
# time which driver every PCI function has; a script that appears as DIRECTORY/ask is run, and what it prints and its exit
# status are then in DIRECTORY/answer.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
directory=$1
hostname=$(sed 's/.*uefivm\.name=\([^ ]*\).*/\1/' /proc/cmdline)
base=$(sed 's/.*uefivm\.base=\([^ ]*\).*/\1/' /proc/cmdline)

# Nothing else is started: what sysinit.target has is for disks, consoles and users.
become_systemd() {
    cat >/etc/systemd/system/machine-up.service <<EOT
[Unit]
DefaultDependencies=no
Requires=dbus.socket
After=dbus.socket
[Service]
ExecStart=/bin/bash $directory/machine.sh $directory
Delegate=yes
TasksMax=infinity
EOT
    for unit in dbus.socket dbus.service systemd-machined.service; do
        mkdir -p /etc/systemd/system/$unit.d
        printf '[Unit]\nDefaultDependencies=no\n' >/etc/systemd/system/$unit.d/early.conf
    done
    ln -sf /dev/null /etc/systemd/system/var-lib-machines.mount
    # That the machine outside may be a container is nothing to this one.
    rm -f /.dockerenv
    printf '[Unit]\nDefaultDependencies=no\nRequires=machine-up.service\n' >/etc/systemd/system/machine-up.target
    exec /lib/systemd/systemd --unit=machine-up.target --log-target=console --show-status=no
}

if [ $$ = 1 ]; then
    mount -t 9p -o trans=virtio,version=9p2000.L,cache=mmap,msize=512000 share "$directory"
    exec </dev/null >>"$directory/machine.log" 2>&1
    ! grep -q uefivm.init=systemd /proc/cmdline || become_systemd
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir -p /dev/pts /dev/shm
    mount -t devpts devpts /dev/pts
    mount -t tmpfs tmpfs /dev/shm
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    hostname "$hostname"
else
    exec </dev/null >>"$directory/machine.log" 2>&1
    echo "$hostname" >/proc/sys/kernel/hostname
fi
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$hostname" >/etc/hosts
ip link set lo up
ip address add 10.0.2.15/24 dev eth0
ip link set eth0 up
ip route add default via 10.0.2.2

mkdir -p /lib/modules
mount --bind "$base/modules" /lib/modules
# A minimal machine has no modprobe; what libvirt would load is loaded here.
modprobe() { "$base/busybox" modprobe "$@"; }
modprobe vfio-pci
modprobe vfio_iommu_type1
# A driver of the host that has to give the card away. No console on it: that would hold it.
modprobe drm_kms_helper fbdev_emulation=0
modprobe bochs
modprobe kvm_amd
chgrp kvm /dev/kvm
chmod 660 /dev/kvm
modprobe vhost_vsock
modprobe loop

while :; do
    for function in /sys/bus/pci/devices/*; do
        driver=none
        [ ! -e "$function/driver" ] || driver=$(readlink "$function/driver")
        echo "${function##*/} ${driver##*/}"
    done >"$directory/drivers.new"
    mv "$directory/drivers.new" "$directory/drivers"
    sleep 1
done &
while :; do
    if [ -e "$directory/ask" ]; then
        result=0
        bash -eu "$directory/ask" >"$directory/answer.new" 2>&1 || result=$?
        printf '\n%s\n' "$result" >>"$directory/answer.new"
        rm "$directory/ask"
        mv "$directory/answer.new" "$directory/answer"
    fi
    sleep 0.2
done &

# Whatever the machine outside has there is not this machine's.
rm -rf /etc/libvirt/qemu /var/lib/libvirt/qemu /var/lib/uefivm /var/lib/kubelet
mkdir -p /var/lib/uefivm /var/lib/libvirt/qemu
mkdir -m 750 /var/lib/kubelet
echo "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" >/etc/libvirt/libvirtd.conf
echo 'security_driver = "none"' >/etc/libvirt/qemu.conf
virtlogd -d
libvirtd -d
. "$directory/programs.sh"
echo up
wait
