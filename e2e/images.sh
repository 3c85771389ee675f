#!/usr/bin/env bash
# Builds the two container images on this machine and boots a VM with what is in them: e2e/images.sh
# Needs root, no container engine's daemon, and pulls no image: the base comes from the Debian archive that apt is set up
# with, under the name that the Dockerfiles ask for. Installs what is missing, and takes all away again but the base, which is
# kept in the cache. Takes 5 to 10 minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$here")

. "$here/packages.sh"

if [ "${1:-}" != --inside ]; then
  [ $# = 0 ] || { sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"; [ "$1" = --help ]; exit; }
  [ "$(id -u)" = 0 ] || { echo "e2e/images.sh makes file systems; run it as root" >&2; exit 1; }
  . "$here/build.sh"
  packages+=("${image_packages[@]}")
  install_missing_packages
  build_what_changed "$here"
  . "$here/separate.sh"
  make_work
  status=0
  separate --inside "$work" || status=$?
  sizes=$(cat "$work/sizes" 2>/dev/null) || true
  # The last line is what was found.
  clean
  work=
  [ -z "$sizes" ] || echo "$sizes"
  exit "$status"
fi

work=$2
base=debian:bookworm-slim
suite=bookworm
cache=${UEFIVM_CACHE:-$HOME/.cache/uefivm}
say() { printf '[%4ss] %s\n' "$SECONDS" "$*" >&2; }
bud() { buildah --root "$work/store" --runroot "$work/run" --storage-driver vfs "$@"; }
quietly() {
  "$@" >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; echo "failed: $*" >&2; return 1; }
}

# What debian:bookworm-slim is: minbase without documentation and translations, nor what later packages bring of them.
make_base() {
  local archive=$1 security=$2 root=$work/base
  quietly debootstrap --variant=minbase "$suite" "$root" "$archive"
  echo "deb $archive $suite-updates main" >>"$root/etc/apt/sources.list"
  [ -z "$security" ] || echo "deb $security $suite-security main" >>"$root/etc/apt/sources.list"
  local directory
  for directory in doc man info locale; do
    echo "path-exclude /usr/share/$directory/*" >>"$root/etc/dpkg/dpkg.cfg.d/slim"
    find "$root/usr/share/$directory" -mindepth 1 ! -type d -delete
  done
  echo 'path-include /usr/share/doc/*/copyright' >>"$root/etc/dpkg/dpkg.cfg.d/slim"
  # update-alternatives links manual pages and fails without these; the real base has them since debuerreotype #116.
  mkdir -p "$root"/usr/share/man/man{1..9}
  echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };' >"$root/etc/apt/apt.conf.d/clean"
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*
  mkdir -p "$cache"
  quietly tar -C "$root" --one-file-system -cf "$cache/$suite-slim.tar.new" .
  mv "$cache/$suite-slim.tar.new" "$cache/$suite-slim.tar"
  rm -rf --one-file-system "$root"
}
if [ ! -e "$cache/$suite-slim.tar" ]; then
  archive=$(debian_archive 'Label: Debian' "Codename: $suite")
  [ -n "$archive" ] || { echo "apt knows no Debian $suite archive; it needs one in /etc/apt, and apt-get update" >&2; exit 1; }
  say "Making the base $base from $archive (minutes, once)"
  make_base "$archive" "$(debian_archive 'Label: Debian-Security' "Codename: $suite-security")"
fi
say "Importing the base"
tar -C "$work" -cf "$work/empty.tar" --files-from /dev/null
mkdir "$work/context"
printf 'FROM scratch\nADD base.tar /\nCMD ["bash"]\n' >"$work/context/Dockerfile"
ln "$cache/$suite-slim.tar" "$work/context/base.tar" 2>/dev/null || cp "$cache/$suite-slim.tar" "$work/context/base.tar"
quietly bud bud --isolation chroot --pull-never -t "$base" "$work/context"
rm -rf "$work/context"

for module in operator node-agent; do
  say "Building uefivm/$module from $module/Dockerfile"
  quietly bud bud --isolation chroot --pull-never --layers -t "uefivm/$module" "$project/$module"
done

# The project as the quickstart knows it, but what it starts is in the images.
trial=$work/project
mkdir "$trial"
ln -s "$project"/* "$trial"
declare -A root
for module in operator node-agent; do
  root[$module]=$(bud mount "$(bud from --pull-never "uefivm/$module")")
  user=$(bud inspect --type image --format '{{.OCIv1.Config.User}}' "uefivm/$module")
  entry=$(bud inspect --type image --format '{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}' "uefivm/$module")
  host_root=
  [ "$module" = operator ] || host_root=--host-root=/host
  rm "$trial/$module"
  mkdir -p "$trial/$module/target/layout"
  printf '#!/bin/sh\nexec "%s" "%s" %s %s "$@" %s\n' "$here/in-image.sh" "${root[$module]}" "$user" "$entry" "$host_root" \
    >"$trial/$module/target/layout/start"
  chmod +x "$trial/$module/target/layout/start"
done

say "What has to be in them"
inside() { local module=$1; shift; "$here/in-image.sh" "${root[$module]}" "$@"; }
inside operator 65532:65532 sh -c '[ "$(id -u)" = 65532 ] && ! touch /opt/uefivm/x 2>/dev/null && touch /tmp/x'
# What holds a VM's pod.
inside node-agent 65532:65532 sh -c 'trap "" TERM INT; until [ -e /opt/uefivm/start ]; do sleep 1; done'
inside node-agent 0:0 /opt/uefivm/start nvram show /host/usr/share/OVMF/OVMF_VARS_4M.ms.fd >"$work/nvram"
grep -q 'Secure Boot *enforcing' "$work/nvram" || { cat "$work/nvram" >&2; exit 1; }

say "Booting a VM with them"
# On the embedded control plane: the kubeconfig of a real one names files that the images do not see.
unset KUBE_API_TEST_DIR
java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.io.tmpdir="$work" -cp "$here/target/layout/lib/*" \
  io.uefivm.e2e.quickstart.Quickstart --project "$trial" --once >&2

say "Packing them"
sizes=
for module in operator node-agent; do
  quietly bud push --quiet "uefivm/$module" "oci:$work/$module.oci"
  packed=$(du -sm --apparent-size "$work/$module.oci" | cut -f 1)
  unpacked=$(du -sxm "${root[$module]}" | cut -f 1)
  sizes="${sizes:+$sizes; }uefivm/$module $packed MiB to pull, $unpacked MiB on disk"
done
echo "$sizes" >"$work/sizes"
