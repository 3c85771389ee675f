#!/usr/bin/env bash
# Fetches packages of Debian 13 into the cache, which Debian 12 does not have or has older: virt-fw-vars, the editor that the
# variable store library is compared with; its OVMF, which hosts of the tests are upgraded to; its kubectl, because that of
# Debian 12 lists custom resource definitions of a version that no API server has today. Silent when they are there.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"
cache=${UEFIVM_CACHE:-$HOME/.cache/uefivm}
wanted=()
[ -e "$cache/virt-firmware/usr/bin/virt-fw-vars" ] || wanted+=("python3-virt-firmware virt-firmware")
[ -e "$cache/libvirt-common-13/usr/share/libvirt/schemas/domain.rng" ] || wanted+=("libvirt-common libvirt-common-13")
[ -e "$cache/ovmf-13/usr/share/OVMF/OVMF_CODE_4M.secboot.fd" ] || wanted+=("ovmf ovmf-13")
[ -e "$cache/kubectl/usr/bin/kubectl" ] || wanted+=("kubectl kubectl")
[ ${#wanted[@]} -gt 0 ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# The archive that this machine is set up with, one release later.
archive=$(debian_archive 'Label: Debian')
[ -n "$archive" ] || { apt-get -q update >&2; archive=$(debian_archive 'Label: Debian'); }
[ -n "$archive" ] || { echo "apt knows no Debian archive; it needs one in /etc/apt" >&2; exit 1; }
echo "deb [signed-by=$keyring] $archive trixie main" >"$work/sources.list"
mkdir -p "$work/lists/partial" "$work/archives/partial"
# What this machine has installed has no say in which version is wanted.
: >"$work/status"
options=(-q -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
  -o "Dir::State::status=$work/status" -o "Dir::Cache=$work" -o Acquire::Languages=none -o APT::Sandbox::User=root)
(cd "$work" && apt-get "${options[@]}" update >&2)
mkdir -p "$cache"
for one in "${wanted[@]}"; do
  read -r package directory <<<"$one"
  echo "Fetching $package of Debian 13" >&2
  (cd "$work" && apt-get "${options[@]}" download "$package" >&2)
  dpkg -x "$work/$package"_*.deb "$work/$directory"
  rm -rf "${cache:?}/$directory"
  mv "$work/$directory" "$cache/"
done
