#!/usr/bin/env bash
# `make demo` and `make walk` where people try them first: as root in a folder that only root may enter, and as an ordinary
# user; both in a folder with blanks and accents, from a clean clone, at the same time, with a week of work. The ordinary
# user then tries `make test`, which CI runs as root. Needs root; CI runs it.
set -uo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "elsewhere: needs root, to be root and somebody else" >&2; exit 1; }
guest=tutela-guest failed=0
here=$(mktemp -d) && chmod 711 "$here"
id "$guest" >/dev/null 2>&1 || useradd --system --create-home --shell /bin/bash "$guest"
cleanup() {
  pkill -KILL -u "$guest" 2>/dev/null
  rm -rf "$here"
  userdel --remove "$guest" 2>/dev/null
}
trap cleanup EXIT

interrupt() { # interrupt FOLDER: Ctrl-C for the demonstration that runs there
  local process
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/cwd")" = "$1" ] || continue
    tr '\0' ' ' <"$process/cmdline" | grep -q "tutela.app.cli demo run" && kill -INT "${process#/proc/}"
  done
}

try() { # try USER MODE: clone and demo, and a part of the tests unless as root, in a folder of that user with this mode
  local user=$1 place="$here/$1" as=() log port=8461
  [ "$user" = root ] || port=8462
  mkdir "$place" && chmod "$2" "$place"
  [ "$user" = root ] || as=(runuser -u "$user" -- env "HOME=/home/$user")
  as+=(env -u CI -u COSTS -u COSTS_ROOT -u KEEP_COSTS -u TUTELA_DATA -u MIGRATED_FOR_TESTS "TUTELA_LISTEN=127.0.0.1:$port")
  git clone --quiet . "$place/Tutela à essayer" && chown -R "$user" "$place" || return 1
  log="$here/$user.log"
  echo "· make demo as $user"
  (cd "$place/Tutela à essayer" && exec "${as[@]}" setsid make demo DAYS=7) >"$log" 2>&1 &
  local demo=$!
  for _ in $(seq 1500); do
    grep -q "In a second terminal: make walk" "$log" && break
    kill -0 "$demo" 2>/dev/null || break
    sleep 1
  done
  if ! grep -q "In a second terminal: make walk" "$log"; then
    tail -40 "$log"
    interrupt "$place/Tutela à essayer"
    return 1
  fi
  "${as[@]}" curl --silent --fail --max-time 30 "http://127.0.0.1:$port/healthz/ready" >/dev/null || { tail -40 "$log"; return 1; }
  echo "· make walk as $user"
  (cd "$place/Tutela à essayer" && "${as[@]}" make walk) >"$log.walk" 2>&1 || { tail -40 "$log.walk"; failed=1; }
  interrupt "$place/Tutela à essayer"
  wait "$demo" || { echo "the demonstration ended with $?"; tail -20 "$log"; return 1; }
  [ "$user" != root ] || return "$failed"
  echo "· make test as $user"
  (cd "$place/Tutela à essayer" && "${as[@]}" make test ONLY="tests/unit/events tests/integration/events tests/unit/media/sandbox/test_pool.py") >"$log" 2>&1 && return "$failed"
  tail -40 "$log"
  return 1
}

tries=()
case ${1:-all} in all | root) try root 700 & tries+=($!) ;; esac
case ${1:-all} in all | guest) try "$guest" 755 & tries+=($!) ;; esac
for one in "${tries[@]}"; do
  wait "$one" || failed=1
done
exit $failed
