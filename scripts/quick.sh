#!/usr/bin/env bash
# The quick tests: the shape of the tree, and unit and integration tests of every package that was changed since main.
set -euo pipefail
cd "$(dirname "$0")/.."
base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || echo HEAD)
paths=(tests/architecture/test_structure.py tests/unit/house)
while read -r package; do
  for kind in unit integration; do
    [ -d "tests/$kind/$package" ] && paths+=("tests/$kind/$package")
  done
done < <({ git diff --name-only "$base"; git ls-files --others --exclude-standard; } \
  | sed -nE 's#^(src/tutela|tests/unit|tests/integration)/(.+)/[^/]+$#\2#p' | sed 's#/templates.*##' | sort -u)
exec .venv/bin/python -m pytest -q -p no:cacheprovider "${paths[@]}"
