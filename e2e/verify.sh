#!/usr/bin/env bash
# Passes when everything works: installs what is missing, builds, and runs every test, real guests included.
# Arguments go to Maven.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/packages.sh"
install_missing_packages
"$here/debian-13.sh"
cd "$here/.."
exec mvn -B -ntp verify "$@"
