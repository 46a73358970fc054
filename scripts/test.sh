#!/usr/bin/env bash
# All tests (scripts/groups.py), or those in ONLY: paths, or packages such as reports/triage.
set -uo pipefail
cd "$(dirname "$0")/.."
[ -n "${ONLY:-}" ] || exec .venv/bin/python scripts/groups.py
paths=()
for one in $ONLY; do
  [ -e "${one%%::*}" ] && paths+=("$one") && continue
  for kind in unit integration; do
    [ -e "tests/$kind/$one" ] && paths+=("tests/$kind/$one")
  done
done
[ ${#paths[@]} -gt 0 ] || { echo "ONLY=\"$ONLY\": no such path, nor one in tests/unit or tests/integration" >&2; exit 2; }
exec .venv/bin/python -m pytest -q -p no:cacheprovider "${paths[@]}"
