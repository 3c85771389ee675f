#!/usr/bin/env bash
# Fetches virt-fw-vars, the editor that the variable store library is compared with, into the cache: Debian 12 does not have it,
# Debian 13's package runs on it. Silent when it is there.
set -euo pipefail
cache=${UEFIVM_CACHE:-$HOME/.cache/uefivm}
[ -e "$cache/virt-firmware/usr/bin/virt-fw-vars" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# The archive that this machine is set up with, one release later.
archive() { apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' | sort -u | head -1; }
archive=$(archive)
[ -n "$archive" ] || { apt-get -q update >&2; archive=$(archive); }
[ -n "$archive" ] || { echo "apt knows no Debian archive; it needs one in /etc/apt" >&2; exit 1; }
echo "deb [signed-by=$keyring] $archive trixie main" >"$work/sources.list"
mkdir -p "$work/lists/partial" "$work/archives/partial"
options=(-q -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
  -o "Dir::Cache=$work" -o Acquire::Languages=none -o APT::Sandbox::User=root)
echo "Fetching virt-fw-vars" >&2
(cd "$work" && apt-get "${options[@]}" update >&2 && apt-get "${options[@]}" download python3-virt-firmware >&2)
mkdir -p "$cache"
dpkg -x "$work"/python3-virt-firmware_*.deb "$work/virt-firmware"
rm -rf "$cache/virt-firmware"
mv "$work/virt-firmware" "$cache/"
