#!/usr/bin/env bash
# What a machine can hold: style, types, import law, budgets, migrations, translations. `make check` calls it.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
failed=0
run() {
  printf '· %s\n' "$1"
  shift
  "$@" || { failed=1; printf '  ^ failed\n'; }
}
# What was looked at before is not looked at again.
mkdir -p .cache
export RUFF_CACHE_DIR=$PWD/.cache/ruff MYPY_CACHE_DIR=$PWD/.cache/mypy
run "ruff" "$bin/ruff" check --quiet .
run "format" "$bin/ruff" format --check --quiet .
typed=$(mktemp)
export TUTELA_DATA=${TMPDIR:-/tmp}/tutela-check-$$
trap 'rm -rf "$TUTELA_DATA" "$typed"' EXIT
# The longest check runs in parallel with the others.
"$bin/mypy" src/tutela bench >"$typed" 2>&1 &
mypy=$!
run "import law" "$bin/lint-imports"
run "migrations in step" env DJANGO_SETTINGS_MODULE=tutela.app.settings DATABASE_URL=postgresql://nobody@/none \
  "$bin/python" scripts/migrations_in_step.py
run "translations in step" "$bin/python" scripts/messages.py --check
run "packages page in step" "$bin/python" scripts/packages.py --check
run "public texts complete" "$bin/python" scripts/public_texts.py check
run "decision index in step" "$bin/python" scripts/decisions.py --check
run "schemas in step" "$bin/python" scripts/schemas_in_step.py
run "documentation site" scripts/docs.sh
run "mypy" wait "$mypy"
cat "$typed"
exit $failed
