# Sourced by the scripts here: the Debian packages that building, the tests and the quickstart need.

packages=(
  # building
  maven git
  # a KVM host: libvirt, QEMU, OVMF, swtpm
  libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils ovmf swtpm swtpm-tools
  # the control plane of the tests
  etcd-server
  # loaders that real firmware judges
  shim-signed shim-unsigned
  # loaders of our own, signed with keys of our own
  sbsigntool openssl
  # what virt-fw-vars needs, with which the variable store library is compared
  python3-cryptography python3-importlib-resources python3-pefile
  # the guest's disk: an EFI system partition and an initial RAM disk
  gdisk mtools cpio xz-utils
  # the health script of the GitOps sample
  lua5.1
  # what efibootmgr prints of device paths
  libefivar1
  # promtool, which judges the chart's alerts
  prometheus
  # a second host on one machine
  util-linux mount iproute2 procps
)

# What building the container images needs besides.
image_packages=(buildah debootstrap)

# Installs what is missing and says so; silent when there is nothing to do.
install_missing_packages() {
  local missing=() package installed
  # With what packages stand for: libefivar1 is libefivar1t64 on Debian 13.
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides},\n' | sed -n 's/^installed//p')
  for package in "${packages[@]}"; do
    grep -q " $package[, ]" <<<"$installed" || missing+=("$package")
  done
  # Any JDK from 17 on serves; each release of Debian has its own.
  command -v javac >/dev/null || missing+=(default-jdk-headless)
  # Any kubectl serves the quickstart; the tests have one of their own, from Debian 13.
  command -v kubectl >/dev/null || missing+=(kubernetes-client)
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "$(id -u)" = 0 ] || { echo "These packages are missing; install them as root: apt-get install -y --no-install-recommends ${missing[*]}" >&2; return 1; }
  echo "Installing ${missing[*]}" >&2
  # A package that starts a daemon when it is installed would start it on the machine itself.
  local policy=/usr/sbin/policy-rc.d made_policy=
  if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; made_policy=1; fi
  local status=0
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; } >&2 || status=$?
  [ -n "$made_policy" ] && rm -f "$policy"
  return $status
}

# Where apt gets Debian from, by the first that is so labelled; arguments narrow it down. Empty when apt has no lists.
debian_archive() { apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' "$@" | sort -u | head -n 1; }
