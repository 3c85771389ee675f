# Sourced by scripts that mount: runs a part of them in mount and pid namespaces of its own, so that with its first process all
# its processes and mounts are gone, however the script ends, and its directory too.
work= child=
clean() {
  trap '' INT TERM HUP
  if [ -n "$child" ]; then
    xargs -r kill -KILL <"/proc/$child/task/$child/children" 2>/dev/null || true
    wait "$child" || true
  fi
  [ -z "$work" ] || { echo "Removing $work" >&2; rm -rf --one-file-system "$work"; }
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Makes the directory; its path is short, because addresses of sockets are below it.
make_work() { work=$(mktemp -d /tmp/uvm.XXXXXX); }

# Runs the script again with these arguments, in the namespaces.
separate() {
  local status=0
  unshare --mount --pid --fork --kill-child --mount-proc "$0" "$@" </dev/null &
  child=$!
  wait "$child" || status=$?
  child=
  return "$status"
}
