#!/usr/bin/env bash
# The long form of every drill, one after the other; `make test` runs the short forms. Takes hours on two cores.
#   KILLS=1000 FUZZ_SECONDS=600 scripts/drills.sh
set -uo pipefail
cd "$(dirname "$0")/.."
export DRILLS=long
python=.venv/bin/python failed=0
# Processes are killed thirty-five times under load; whole nodes seventy times within corrections; ten thousand lives of an
# indicator; the API asked out of its document; a month of takedowns; 50,000 files of seized devices; the
# hosts and the driver of a cluster killed four times; every odd value typed into every page; every role at every address;
# every page looked at for barriers at both widths; ten times as many examples of every property.
mapfile -t drills < <(grep -v '^#' tests/long_drills.txt)
$python -m pytest -q -p no:cacheprovider --durations=8 tests/integration/test_kills.py "${drills[@]}" \
  tests/integration/indicators/lifecycle/test_state_machine_histories.py tests/integration/app/website/test_openapi.py \
  tests/integration/takedown/ledger/test_histories.py tests/integration/test_triage_offline.py \
  tests/attacks/test_typed_anything.py tests/integration/test_access_matrix.py || failed=1
for path in tests/journeys/test_accessibility.py tests/unit; do
  $python -m pytest -q -p no:cacheprovider --durations=8 "$path" || failed=1
done
for target in tests/fuzz/fuzz_*.py; do
  echo "· ${target##*/}"
  $python -m "$(echo "${target%.py}" | tr / .)" "${FUZZ_SECONDS:-60}" || failed=1
done
echo "· soak"
soak=$(KILLS=${KILLS:-200} $python bench/soak.py) || failed=1
echo "$soak"
grep -q '^FIGURE lost_or_doubled 0 ' <<<"$soak" || failed=1
exit $failed
