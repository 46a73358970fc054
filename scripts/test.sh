#!/usr/bin/env bash
# All tests, in four lanes beside each other; what three of them print comes at the end. Drills (nodes that are started,
# killed, joined and restored) and journeys (browsers at a demonstration) wait for clocks and go first; the thousands of
# histories, one long test that mostly asks the database, come last.
set -uo pipefail
cd "$(dirname "$0")/.."
drills=() histories=(tests/integration/indicators/test_histories.py)
for file in tests/integration/test_*.py; do
  [ "$file" = tests/integration/test_access_matrix.py ] || drills+=("$file")
done
others=("${drills[@]/#/--ignore=}" "${histories[@]/#/--ignore=}" --ignore=tests/journeys)
printed=$(mktemp -d) migrated=$(mktemp -d) lanes=()
trap 'rm -rf "$printed" "$migrated"' EXIT
beside() { # beside NAME NICE PYTEST-ARGUMENT...
  local name=$1 nice=$2
  shift 2
  nice -n "$nice" .venv/bin/python -m pytest -q -p no:cacheprovider --durations=8 "$@" >"$printed/$name" 2>&1 &
  lanes+=($!)
}
# One migrated database, which each lane and each drill copies.
.venv/bin/python -m tests.migrated "$migrated" && export MIGRATED_FOR_TESTS=$migrated
beside drills 2 "${drills[@]}"
beside journeys 0 tests/journeys
beside histories 8 "${histories[@]}"
nice -n 5 .venv/bin/python -m pytest -q --durations=12 "${others[@]}"
good=$?
for lane in "${lanes[@]}"; do
  wait "$lane"
  good=$((good + $?))
done
for lane in "$printed"/*; do
  echo "· ${lane##*/}"
  cat "$lane"
done
[ "$good" = 0 ]
