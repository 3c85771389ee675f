# Sourced by the scripts here: builds the project, unless nothing in the sources is newer than the last build.
# UEFIVM_SKIP_BUILD, when not empty, takes what was built last whatever has changed.

build_what_changed() {
  local e2e=$1 project built starting
  project=$(dirname "$e2e")
  built=$e2e/target/quickstart-built
  [ -z "${UEFIVM_SKIP_BUILD:-}" ] || return 0
  if [ -e "$built" ] && [ -z "$(cd "$project" && find pom.xml ./*/pom.xml ./*/src/main ./*/src/layout -newer "$built" -print -quit 2>/dev/null)" ]; then
    return 0
  fi
  echo "Building (the first time takes a few minutes)" >&2
  mkdir -p "$e2e/target"
  # Its time is that of the start: what is changed meanwhile is built the next time.
  starting=$(mktemp "$built.XXXXXX")
  (cd "$project" && mvn -B -q -ntp -Dmaven.test.skip=true -Dspotless.check.skip=true package) || { rm -f "$starting"; return 1; }
  mv "$starting" "$built"
}
