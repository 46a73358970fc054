"""Fails when docs/schemas differs from what the models say."""

import sys
import tempfile
from filecmp import dircmp

from tutela.exchange.schemas import main

with tempfile.TemporaryDirectory() as folder:
    sys.argv = ["schemas", folder]
    main()
    seen = dircmp(folder, "docs/schemas")
    if seen.left_only or seen.right_only or seen.diff_files:
        sys.exit("Run: .venv/bin/python -m tutela.exchange.schemas docs/schemas")
