#!/usr/bin/env bash
# Build the documentation site into build/docs/html, without any network. A warning is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
source=build/docs/source html=build/docs/html
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
export TUTELA_DATA=$data DATABASE_URL=postgresql://nobody@/none DJANGO_SETTINGS_MODULE=tutela.app.settings
.venv/bin/python -m scripts.reference.site "$source"
.venv/bin/sphinx-build -q -W --keep-going -E -c docs -d build/docs/doctrees -b html "$source" "$html"
echo "$html/index.html"
