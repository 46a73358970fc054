#!/usr/bin/env bash
# All tests. Two groups run beside the others, and what they print comes at the end: the drills (nodes that are started,
# killed, joined and restored), which mostly wait, and the thousands of histories, one long test that mostly asks the
# database.
set -uo pipefail
cd "$(dirname "$0")/.."
drills=() histories=(tests/integration/indicators/test_histories.py)
for file in tests/integration/test_*.py; do
  [ "$file" = tests/integration/test_access_matrix.py ] || drills+=("$file")
done
others=("${drills[@]/#/--ignore=}" "${histories[@]/#/--ignore=}")
printed=$(mktemp -d)
trap 'rm -rf "$printed"' EXIT
.venv/bin/python -m pytest -q -p no:cacheprovider --durations=8 "${drills[@]}" >"$printed/drills" 2>&1 &
first=$!
# Nothing in the histories waits for a clock: they give way to demonstrations and drills that do.
nice -n 10 .venv/bin/python -m pytest -q -p no:cacheprovider "${histories[@]}" >"$printed/histories" 2>&1 &
second=$!
.venv/bin/python -m pytest -q --durations=12 "${others[@]}"
good=$?
for group in drills histories; do
  if [ "$group" = drills ]; then wait "$first"; else wait "$second"; fi
  good=$((good + $?))
  echo "· $group"
  cat "$printed/$group"
done
[ "$good" = 0 ]
