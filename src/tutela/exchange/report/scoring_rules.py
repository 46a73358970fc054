"""Scoring rules published by the Centre, as data with a version; senders read them too.

The Centre scores by all of them (`reports.scoring`). A sender uses them for one question: do the dangers in a report
make it urgent there, even if the report is not marked urgent? If so, no less urgent report is sent before it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tutela.exchange.report.sections import Urgency

RULES: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("scoring_rules.toml").read_text("utf-8"))
VERSION: str = RULES["version"]
URGENT_FROM: int = RULES["urgency"]["urgent_from"]


def urgent(said: Urgency) -> bool:
    """Whether a report is urgent by its sender's word, or by the dangers alone that it names."""
    rules = RULES["urgency"]
    dangers: int = sum(rules["dangers"][one.value] for one in said.dangers or ())
    return said.urgent or (dangers > 0 and rules["base"] + dangers >= URGENT_FROM)
