#!/bin/sh
# build.sh KERNEL-PACKAGE: makes vmlinuz, modules/ and initrd.gz of a nested machine in the current directory, from Debian
# packages downloaded into it and from the files beside this script.
set -eu
sources=$(cd "$(dirname "$0")" && pwd)
version=${1#linux-image-}

apt-get download busybox-static "$1"
for package in *.deb; do
    dpkg -x "$package" packages
done
busybox=packages/bin/busybox
[ -e $busybox ] || busybox=packages/usr/bin/busybox
modules=packages/lib/modules/$version
[ -d "$modules" ] || modules=packages/usr/lib/modules/$version
if find "$modules" -name '*.ko.xz' | grep -q .; then
    find "$modules" -name '*.ko.xz' -exec xz -d {} +
fi
cp packages/boot/vmlinuz-* vmlinuz
mkdir -p modules initrd/bin initrd/proc initrd/sys initrd/dev initrd/lower initrd/rw initrd/root initrd/modules
mv "$modules" "modules/$version"
mkdir -p base/lib
ln -s ../../modules base/lib/modules
$busybox depmod -b base "$version"
cp $busybox busybox
cp $busybox initrd/bin/busybox
install -m 755 "$sources/init" initrd/init
# In the order in which they need each other.
number=10
for name in virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio virtio_pci netfs fscache 9pnet 9pnet_virtio \
    9p overlay failover net_failover virtio_net; do
    found=$(find "modules/$version" -name "$name.ko")
    [ -n "$found" ] || { echo "no module $name in $1" >&2; exit 1; }
    cp "$found" "initrd/modules/$number-$name.ko"
    number=$((number + 1))
done
(cd initrd && find . | LC_ALL=C sort | ../busybox cpio -o -H newc) | gzip -n >initrd.gz
rm -rf packages initrd base ./*.deb
