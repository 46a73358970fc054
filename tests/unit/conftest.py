"""The twin of the media package stands in wherever the real one is not installed."""

from __future__ import annotations

import importlib.util
import sys

from tests.fakes import media

if importlib.util.find_spec("tutela.media") is None:
    sys.modules["tutela.media"] = media  # type: ignore[assignment]
