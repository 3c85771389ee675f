#!/usr/bin/env bash
# Runs a VM with Secure Boot on this machine alone: installs what is missing, builds what has changed, and starts
# everything from the control plane to the guest. See --help.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$here")
. "$here/packages.sh"
. "$here/build.sh"
install_missing_packages

build_what_changed "$here"

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
