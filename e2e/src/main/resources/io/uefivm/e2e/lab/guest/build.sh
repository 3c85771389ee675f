#!/bin/sh
# build.sh KERNEL-PACKAGE: makes signed.img and unsigned.img in the current directory, from Debian packages downloaded
# into it and from the files beside this script.
#
# signed.img:   GPT, one ESP; shim -> GRUB -> kernel, each with Debian's or Microsoft's signature, and an initrd.
# unsigned.img: the same with the signature taken off the first loader.
set -eu
sources=$(cd "$(dirname "$0")" && pwd)
kernel=$1

apt-get download shim-signed grub-efi-amd64-signed busybox-static sash "$kernel"
for package in *.deb; do
    dpkg -x "$package" packages
done
busybox=packages/bin/busybox
[ -e $busybox ] || busybox=packages/usr/bin/busybox

# --- initrd
mkdir -p initrd/bin initrd/dev initrd/proc initrd/sys initrd/tmp initrd/modules initrd/etc/acpi/PWRF
cp $busybox initrd/bin/busybox
for applet in $($busybox --list); do
    ln -s busybox "initrd/bin/$applet" 2>/dev/null || true
done
find packages -type f -path '*bin/sash' -exec cp {} initrd/bin/sash \;
install -m 755 "$sources/init" initrd/init
install -m 755 "$sources/console" "$sources/devices" "$sources/boot-entry" "$sources/efivar" initrd/bin
for name in read write delete list; do
    ln -s efivar "initrd/bin/efivar-$name"
done
install -m 755 "$sources/power-button" initrd/etc/acpi/PWRF/00000080
# insmod in the guest reads no compression; the signature is inside it.
module() { # NAME FILE
    found=$(find packages -name "$1.ko*")
    case $found in
    *.ko) cp "$found" "$2" ;;
    *.ko.xz) xz -dc "$found" >"$2" ;;
    # Debian 13's cloud kernel has more of them built in.
    '') find packages -name modules.builtin -exec grep -q "/$1\.ko\$" {} + ||
        { echo "no module $1 in $kernel" >&2; exit 1; } ;;
    *) echo "more than one module $1 in $kernel: '$found'" >&2; exit 1 ;;
    esac
}
for name in button evdev efivarfs; do
    module $name initrd/modules/$name.ko
done
# Loaded by "devices" only, in this order. Debian's cloud kernel has NVMe built in, and neither AHCI nor USB at all.
mkdir initrd/modules/devices
number=10
for name in virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio virtio_pci virtio_blk scsi_common scsi_mod \
    virtio_scsi sd_mod failover net_failover virtio_net cdrom isofs sr_mod virtio_console; do
    module $name initrd/modules/devices/$number-$name.ko
    number=$((number + 1))
done

# --- the partition, and its device path node for the guest's boot entries
start=2048
sectors=126976
uuid=7b0d7b3c-52a5-4bd1-8a3e-5c1d6f0e9a42
truncate -s 64M signed.img
sgdisk --disk-guid=0c7a9e54-4f1b-4c4e-9c58-1d2f3b8e6a70 --new=1:$start:+$sectors --typecode=1:ef00 \
    --partition-guid=1:$uuid signed.img >/dev/null
le() { # VALUE BYTES: little endian hex
    value=$1
    for _ in $(seq "$2"); do
        printf '%02x' $((value & 255))
        value=$((value >> 8))
    done
}
last=$(sgdisk --info=1 signed.img | sed -n 's/^Last sector: \([0-9]*\).*/\1/p')
# The first three fields of a GUID are little endian.
guid=$(echo $uuid | sed 's/^\(..\)\(..\)\(..\)\(..\)-\(..\)\(..\)-\(..\)\(..\)-\(....\)-/\4\3\2\1\6\5\8\7\9/')
echo "04012a00$(le 1 4)$(le $start 8)$(le $((last - start + 1)) 8)${guid}0202" >initrd/etc/esp-node

(cd initrd && find . | LC_ALL=C sort | ../$busybox cpio -o -H newc) | gzip -n >initrd.gz

# --- the ESP
esp=signed.img@@$((start * 512))
mformat -i $esp -F -N 5efb0071 ::
mmd -i $esp ::/EFI ::/EFI/BOOT ::/EFI/debian
mcopy -i $esp "$(find packages -name shimx64.efi.signed)" ::/EFI/BOOT/BOOTX64.EFI
mcopy -i $esp "$(find packages -name grubx64.efi.signed)" ::/EFI/BOOT/grubx64.efi
mcopy -i $esp "$sources/grub.cfg" ::/EFI/debian/grub.cfg
mcopy -i $esp packages/boot/vmlinuz-* ::/vmlinuz
mcopy -i $esp initrd.gz ::/initrd

# --- the same without the first signature: no certificate table, and no entry for it in the PE header
cp --sparse=always signed.img unsigned.img
cp "$(find packages -name shimx64.efi.signed)" shim-unsigned.efi
header=$(od -An -tu4 -j60 -N4 shim-unsigned.efi)
entry=$((header + 24 + 112 + 4 * 8))
table=$(od -An -tu4 -j$entry -N4 shim-unsigned.efi)
truncate -s "$((table))" shim-unsigned.efi
dd if=/dev/zero of=shim-unsigned.efi bs=1 seek=$entry count=8 conv=notrunc 2>/dev/null
mcopy -o -i "un$esp" shim-unsigned.efi ::/EFI/BOOT/BOOTX64.EFI
