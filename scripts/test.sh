#!/usr/bin/env bash
# All tests, or those in ONLY: paths, or packages such as reports/triage.
#
# All run as groups, each in a process and a database of its own: pages, lists and jobs take longer the more earlier tests
# have left there. Drills (nodes that are started, killed, joined and restored) wait for clocks and run one after the
# other; two workers take the other groups, the largest first. What a group prints comes when it ends. Drills are short
# here; `make drills` has the long forms, and those of `tests/long_drills.txt` altogether.
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
printed=$(mktemp -d) migrated=$(mktemp -d)
trap 'rm -rf "$printed" "$migrated"' EXIT
export printed COSTS=$printed/.costs
group() { # group "NICE NAME PATH...": run these tests, print what they said
  read -r -a words <<<"$1"
  local name=${words[1]} good=0 began=$SECONDS
  nice -n "${words[0]}" .venv/bin/python -m tests.support.costs "$name" \
    .venv/bin/python -m pytest -q -p no:cacheprovider --durations=8 "${words[@]:2}" \
    >"$printed/$name" 2>&1 || good=1
  (flock 9 && echo "· $name: $((SECONDS - began)) s" && cat "$printed/$name") 9>"$printed/.lock"
  return $good
}
export -f group
# One migrated database, which each group and each drill copies.
.venv/bin/python -m tests.support.migrated "$migrated" && export MIGRATED_FOR_TESTS=$migrated
matrix=tests/integration/test_access_matrix.py drills=()
for file in tests/integration/test_*.py; do
  [ "$file" = "$matrix" ] || grep -qxF "$file" tests/long_drills.txt || drills+=("$file")
done
groups=("0 journeys tests/journeys" "5 access $matrix")
for folder in tests/attacks tests/conformance $(du -s tests/integration/*/ tests/*/ | sort -rn | cut -f2); do
  case $folder in tests/attacks/ | tests/conformance/ | tests/integration/ | tests/journeys/) continue ;; esac
  [ -n "$(find "$folder" -name 'test_*.py' -print -quit)" ] && groups+=("5 $(basename "$folder") $folder")
done
group "0 drills ${drills[*]}" & lane=$!
printf '%s\0' "${groups[@]}" | xargs -0 -P 2 -I{} bash -c 'group "$1"' _ {}
good=$?
wait "$lane" || good=1
.venv/bin/python -m tests.support.costs report
[ -z "${KEEP_COSTS:-}" ] || cat "$COSTS" >>"$KEEP_COSTS"
[ "$good" = 0 ]
