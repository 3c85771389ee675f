#!/usr/bin/env bash
# Measures the product on this machine: e2e/bench.sh [start-overhead|api-writes|control-plane|footprint|observe|varstore|nvram-at-rest]... [--help]
# Without a name all run. Installs what is missing, builds what has changed, shows progress, and ends with a table, JSON
# lines and target/bench/report.html.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/packages.sh"
. "$here/build.sh"
install_missing_packages
"$here/debian-13.sh"
build_what_changed "$here"
# All that is made while measuring is in here; short, because addresses of sockets are. A signal ends the program, which ends
# what it started; only then can the rest be removed.
work=$(mktemp -d /tmp/b.XXXXXX)
java=
clean() {
  trap '' INT TERM HUP
  [ -z "$java" ] || { kill -TERM "$java" 2>/dev/null || true; wait "$java" || true; }
  # The kernel ends what is in a host's namespaces by and by.
  for _ in 1 2 3 4 5; do rm -rf --one-file-system "$work" 2>/dev/null && return 0; sleep 1; done
  echo "cannot remove $work" >&2
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# In a process group of its own, so that Ctrl-C reaches this script alone.
set -m
java -Xmx4g -Djava.io.tmpdir="$work" -Dlogback.configurationFile=io/uefivm/e2e/bench/logback.xml \
  -Duefivm.crds="$(dirname "$here")/crds" -cp "$here/target/layout/lib/*" \
  io.uefivm.e2e.bench.Bench --root="$(dirname "$here")" "$@" </dev/null &
java=$!
status=0
wait "$java" || status=$?
java=
exit "$status"
