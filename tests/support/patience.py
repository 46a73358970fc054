"""How many times longer than usual to wait for what must come: `PATIENCE=20` beside other work, at low priority."""

from __future__ import annotations

import os

PATIENCE = int(os.environ.get("PATIENCE", "1"))
