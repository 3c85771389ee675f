#!/usr/bin/env bash
# Runs a VM with Secure Boot on this machine alone: installs what is missing, builds what has changed, and starts
# everything from the control plane to the guest. See --help.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$here")
. "$here/packages.sh"
install_missing_packages

# Builds unless nothing in the sources is newer than the last build.
build() {
  local built="$here/target/quickstart-built" starting
  if [ -e "$built" ] && [ -z "$(cd "$project" && find pom.xml ./*/pom.xml ./*/src/main ./*/src/layout -newer "$built" -print -quit 2>/dev/null)" ]; then
    return
  fi
  echo "Building (the first time takes a few minutes)"
  mkdir -p "$here/target"
  starting=$(mktemp "$here/target/quickstart-built.XXXXXX")
  (cd "$project" && mvn -B -q -Dmaven.test.skip=true -Dspotless.check.skip=true package) || { rm -f "$starting"; return 1; }
  mv "$starting" "$built"
}
[ -n "${UEFIVM_SKIP_BUILD:-}" ] || build

# In a process group of its own, so that Ctrl-C reaches it alone and it can stop the others in order.
set -m
java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$here/target/layout/lib/*" \
  io.uefivm.e2e.quickstart.Quickstart --project "$project" "$@" </dev/null &
java=$!
# A signal ends the wait, not the program; the second wait has the program's own status.
trap 'signalled=1; kill -INT "$java" 2>/dev/null' INT TERM HUP
while :; do
  signalled= status=0
  wait "$java" || status=$?
  [ -n "$signalled" ] || break
done
exit "$status"
