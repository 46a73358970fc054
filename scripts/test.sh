#!/usr/bin/env bash
# All tests, or those in ONLY: paths, or packages such as reports/triage. All run in three parallel lanes; what
# two of them print comes at the end. Drills (nodes that are started, killed, joined and restored) and journeys (browsers
# at a demonstration) wait for clocks and go first. After the journeys come the desks' pages, in a database of their own:
# pages and lists take longer the more earlier tests have left there. Drills are short here; `make drills` has the long
# forms.
set -uo pipefail
cd "$(dirname "$0")/.."
if [ -n "${ONLY:-}" ]; then
  paths=()
  for one in $ONLY; do
    [ -e "${one%%::*}" ] && paths+=("$one") && continue
    for kind in unit integration; do
      [ -e "tests/$kind/$one" ] && paths+=("tests/$kind/$one")
    done
  done
  [ ${#paths[@]} -gt 0 ] || { echo "ONLY=\"$ONLY\": no such path, nor one in tests/unit or tests/integration" >&2; exit 2; }
  exec .venv/bin/python -m pytest -q -p no:cacheprovider "${paths[@]}"
fi
matrix=tests/integration/test_access_matrix.py
drills=()
pages=("$matrix" tests/integration/{app,detection,investigations,organisations})
for file in tests/integration/test_*.py; do
  [ "$file" = "$matrix" ] || drills+=("$file")
done
elsewhere=("${drills[@]}" "${pages[@]}" tests/journeys)
printed=$(mktemp -d) migrated=$(mktemp -d) lanes=()
trap 'rm -rf "$printed" "$migrated"' EXIT
lane() { # lane NAME NICE PYTEST-ARGUMENT...
  nice -n "$2" .venv/bin/python -m pytest -q -p no:cacheprovider --durations=8 "${@:3}" >"$printed/$1" 2>&1
}
journeys_and_pages() {
  local good=0
  lane journeys 0 tests/journeys || good=1
  lane pages 5 "${pages[@]}" || good=1
  return $good
}
# One migrated database, which each lane and each drill copies.
.venv/bin/python -m tests.support.migrated "$migrated" && export MIGRATED_FOR_TESTS=$migrated
lane drills 2 "${drills[@]}" & lanes+=($!)
journeys_and_pages & lanes+=($!)
nice -n 5 .venv/bin/python -m pytest -q --durations=12 "${elsewhere[@]/#/--ignore=}"
good=$?
for one in "${lanes[@]}"; do
  wait "$one"
  good=$((good + $?))
done
for name in "$printed"/*; do
  echo "· ${name##*/}"
  cat "$name"
done
[ "$good" = 0 ]
