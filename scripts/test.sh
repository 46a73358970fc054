#!/usr/bin/env bash
# All tests, in three lanes beside each other; what the second and third print comes at the end. The second has what
# mostly waits: the drills (nodes that are started, killed, joined and restored), then the journeys through a browser. The
# third has the thousands of histories, one long test that mostly asks the database.
set -uo pipefail
cd "$(dirname "$0")/.."
drills=() histories=(tests/integration/indicators/test_histories.py)
for file in tests/integration/test_*.py; do
  [ "$file" = tests/integration/test_access_matrix.py ] || drills+=("$file")
done
others=("${drills[@]/#/--ignore=}" "${histories[@]/#/--ignore=}" --ignore=tests/journeys)
printed=$(mktemp -d)
trap 'rm -rf "$printed"' EXIT
run() {
  .venv/bin/python -m pytest -q "$@"
}
waiting() {
  run -p no:cacheprovider --durations=8 "${drills[@]}"
  local good=$?
  run -p no:cacheprovider --durations=8 tests/journeys
  return $((good + $?))
}
waiting >"$printed/drills and journeys" 2>&1 &
first=$!
# Nothing in the other two waits for a clock: they give way to demonstrations and drills that do.
nice -n 10 .venv/bin/python -m pytest -q -p no:cacheprovider "${histories[@]}" >"$printed/histories" 2>&1 &
second=$!
nice -n 3 .venv/bin/python -m pytest -q --durations=12 "${others[@]}"
good=$?
wait "$first"
good=$((good + $?))
wait "$second"
good=$((good + $?))
for group in "$printed"/*; do
  echo "· ${group##*/}"
  cat "$group"
done
[ "$good" = 0 ]
