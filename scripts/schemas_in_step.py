"""Fails when docs/schemas differs from what the models say."""

import sys
import tempfile
from filecmp import dircmp
from pathlib import Path

from tutela.exchange.json_schemas.json_schemas import write_schemas

with tempfile.TemporaryDirectory() as folder:
    write_schemas(Path(folder))
    seen = dircmp(folder, "docs/schemas")
    if seen.left_only or seen.right_only or seen.diff_files:
        sys.exit("Run: .venv/bin/python -m tutela.exchange.json_schemas.json_schemas docs/schemas")
