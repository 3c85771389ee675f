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
exec java -Xmx4g -Dlogback.configurationFile=io/uefivm/e2e/bench/logback.xml -Duefivm.crds="$(dirname "$here")/crds" \
  -cp "$here/target/layout/lib/*" io.uefivm.e2e.bench.Bench --root="$(dirname "$here")" "$@"
