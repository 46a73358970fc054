"""Digest of what two curators judge: the design of a study and its results.

A judgement counts while the study still says what was judged. Whoever changes an effect afterwards cannot keep it.
"""

from __future__ import annotations

import json
from hashlib import sha256

from tutela.prevention.models import StudyEdition

DESIGN = (
    *("design", "population", "comparator", "treated", "compared", "attrition_percent", "follow_up_months"),
    *("team", "cohort", "registered_before", "harms_looked_for"),
)
RESULT = (
    *("programme_id", "kind", "outcome", "target", "setting", "metric", "estimate", "low", "high"),
    *("lower_is_better", "relevant"),
)


def digest(edition: StudyEdition) -> str:
    """Digest of an edition's design and results, in whatever order they were entered."""
    design = [getattr(edition, name) for name in DESIGN]
    results = sorted(json.dumps([str(getattr(one, name)) for name in RESULT]) for one in edition.results.all())
    return sha256(json.dumps([design, results]).encode()).hexdigest()
