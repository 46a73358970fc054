#!/usr/bin/env bash
# Recompile requirements/*.txt: pinned, hashed, without any address. `make lock` calls this; `UPGRADE=1` takes newer versions.
set -euo pipefail
cd "$(dirname "$0")/.."
previous=""
for name in base video node cluster forensics dev bench; do
  .venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header ${UPGRADE:+--upgrade} -c requirements/held.txt \
    ${previous:+-c "$previous"} "requirements/$name.in" -o "requirements/$name.txt"
  previous="requirements/$name.txt"
done
# The operators of mutants, with the versions that the tests use.
.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --no-header ${UPGRADE:+--upgrade} -c requirements/dev.txt requirements/mutants.in -o requirements/mutants.txt
# HMA has an environment of its own.
.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header ${UPGRADE:+--upgrade} requirements/hma.in -o requirements/hma.txt
if grep -nE 'https?://' requirements/*.txt; then
  echo "A compiled file carries an address; it may not be committed." >&2
  exit 1
fi
