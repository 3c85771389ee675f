#!/usr/bin/env bash
# Runs a command on Debian 13 instead of this machine's release: e2e/on-debian-13.sh [COMMAND...]
# Without one, the tests that meet libvirt, QEMU, OVMF and swtpm run on those of Debian 13. Needs root. The userland is a
# directory in the cache (6 minutes and 1.3 GB, once); what a command writes there is gone afterwards, but for the project,
# Maven's repository and the cache.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$here")
cache=${UEFIVM_CACHE:-$HOME/.cache/uefivm}
root=$cache/debian-13

# What meets a host, and guests that do: with Secure Boot and TPM, on every bus, in every layout, moved to another host.
tests=(mvn -B -ntp -pl e2e -am verify -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
  -Dspotless.check.skip=true
  '-Dtest=GoldenDomainTest,RealLibvirtTest,LibvirtHypervisorTest,HostProbeOnLibvirtTest,FirmwareReaderTest,LibvirtHostTest'
  '-Dit.test=DeviceFamiliesIT,FirmwareLayoutIT,SecondHostIT')

# The root of everything that runs below: a copy on write of that in the cache, with what it shares with this machine.
inside() {
  local work=$1 new=$1/root shared
  shift
  mkdir -p "$work"/{root,upper,overlay,tmp}
  mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/overlay" "$new"
  mount -t proc proc "$new/proc"
  for shared in /dev /sys; do
    mount --rbind "$shared" "$new$shared"
    mount --make-rslave "$new$shared"
  done
  mount -t tmpfs -o mode=755 tmpfs "$new/run"
  # Not in memory: tests open disks past the page cache there.
  chmod 1777 "$work/tmp"
  mount --bind "$work/tmp" "$new/tmp"
  cp /etc/resolv.conf /etc/hosts "$new/etc/"
  mkdir -p "$HOME/.m2" "$cache/libvirt-13"
  for shared in "$project" "$HOME/.m2" "$cache"; do
    mkdir -p "$new$shared"
    mount --bind "$shared" "$new$shared"
  done
  # What one libvirt knows of its QEMU is of no use to the other.
  mkdir -p "$cache/libvirt"
  mount --bind "$cache/libvirt-13" "$new$cache/libvirt"
  mkdir "$new/mnt/machine"
  # And not only chroot: what enters the mount namespaces of tests has to find this root there.
  cd "$new"
  pivot_root . mnt/machine
  umount --lazy /mnt/machine
  cd "$project"
  unset JAVA_HOME MAVEN_HOME
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
  "$@"
}

# What makes it a machine for the project, again when that changes.
packages_of_root=$root/usr/local/share/uefivm-packages.sh
is_made() { cmp -s "$here/packages.sh" "$packages_of_root"; }
make_root() {
  local archive new=$root.new
  if [ ! -e "$root" ]; then
    # The archive that this machine is set up with, one release later.
    archive=$(debian_archive 'Label: Debian')
    [ -n "$archive" ] || { echo "apt knows no Debian archive; it needs one in /etc/apt, and apt-get update" >&2; exit 1; }
    echo "Making Debian 13 from $archive in $root (minutes, once)" >&2
    mkdir -p "$cache"
    rm -rf --one-file-system "$new"
    # Only the minimum: debootstrap does not put further packages in the order in which dpkg takes them.
    debootstrap --variant=minbase trixie "$new" "$archive" >&2
    mv "$new" "$root"
  fi
  cp /etc/resolv.conf "$root/etc/"
  mount -t proc proc "$root/proc"
  chroot "$root" env PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    bash -euc "$(cat "$here/packages.sh")"$'\ninstall_missing_packages\napt-get clean'
  cp "$here/packages.sh" "$packages_of_root"
}

. "$here/packages.sh"
case ${1:-} in
--help) sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"; exit ;;
--inside) shift; inside "$@"; exit ;;
--make) make_root; exit ;;
esac
[ "$(id -u)" = 0 ] || { echo "e2e/on-debian-13.sh mounts; run it as root" >&2; exit 1; }
packages=(debootstrap util-linux mount)
install_missing_packages
. "$here/separate.sh"
is_made || separate --make
make_work
table=
if [ $# = 0 ]; then
  set -- "${tests[@]}"
  table=$project/node-agent/target/samples-on-libvirt.txt
  rm -f "$table"
fi
status=0
separate --inside "$work" "$@" || status=$?
[ ! -e "$table" ] || cat "$table"
exit "$status"
