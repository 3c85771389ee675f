#!/usr/bin/env bash
# Measures the product on this machine: e2e/bench.sh [start-overhead|api-writes|control-plane|footprint]... [--help]
# Installs what is missing, builds, shows progress, and ends with a table, JSON lines and target/bench/report.html.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/packages.sh"
install_missing_packages
cd "$here/.."
root=$PWD
classpath=$root/e2e/target/bench.classpath
if [ -z "${UEFIVM_SKIP_BUILD:-}" ]; then
  echo "Building" >&2
  mvn -B -q -ntp -DskipTests package dependency:build-classpath -Dmdep.outputFile=target/bench.classpath -Dmdep.includeScope=runtime
fi
exec java -Xmx2g -Dlogback.configurationFile=io/uefivm/e2e/bench/logback.xml \
  -cp "$root/e2e/target/classes:$(cat "$classpath")" io.uefivm.e2e.bench.Bench --root="$root" "$@"
