#!/bin/bash
# machine.sh DIRECTORY: makes a KVM host of a nested machine, then runs DIRECTORY/programs.sh on it, for ever. Its first
# process; bash, because it reaps adopted processes while it waits.
#
# DIRECTORY is shared with the machine outside: what programs write there is seen at once. DIRECTORY/drivers says all the
# time which driver every PCI function has.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
directory=$1
hostname=$(sed 's/.*uefivm\.name=\([^ ]*\).*/\1/' /proc/cmdline)
base=$(sed 's/.*uefivm\.base=\([^ ]*\).*/\1/' /proc/cmdline)
mount -t 9p -o trans=virtio,version=9p2000.L,cache=mmap,msize=512000 share "$directory"
exec </dev/null >>"$directory/machine.log" 2>&1

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
hostname "$hostname"
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

while :; do
    for function in /sys/bus/pci/devices/*; do
        driver=none
        [ ! -e "$function/driver" ] || driver=$(readlink "$function/driver")
        echo "${function##*/} ${driver##*/}"
    done >"$directory/drivers.new"
    mv "$directory/drivers.new" "$directory/drivers"
    sleep 1
done &

# Whatever the machine outside has there is not this machine's.
rm -rf /var/lib/libvirt/qemu /var/lib/uefivm /var/lib/kubelet
mkdir -p /var/lib/uefivm /var/lib/libvirt/qemu
mkdir -m 750 /var/lib/kubelet
echo "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" >/etc/libvirt/libvirtd.conf
cat >/etc/libvirt/qemu.conf <<EOT
cgroup_controllers = [ ]
security_driver = "none"
EOT
virtlogd -d
libvirtd -d
. "$directory/programs.sh"
echo up
wait
