"""Which words a campaign's design allows. Pure values.

- Reach alone: "seen by". A survey afterwards: "remembered". Before and after, 200 people each: "changed".
- A comparison region, eight points before an interrupted series, or a stepped wedge, with an interval: "effect".
- Any word of effect is refused without such a design, or if the interval includes 0, in each language that is listed
  here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LEAST_SAMPLE, LEAST_POINTS_BEFORE = 200, 8


class Label(StrEnum):
    """What may be said of a campaign."""

    NOTHING = "nothing"
    SEEN = "seen"
    REMEMBERED = "remembered"
    CHANGED = "changed"
    EFFECT = "effect"


@dataclass(frozen=True)
class Measurement:
    """How a campaign was measured. `has_interval`: its result has a difference with a 95 % interval."""

    design: str
    sample: int | None = None
    points_before: int | None = None
    has_interval: bool = False
    excludes_zero: bool = False


# Words that claim an effect, by stem: English, German, French, Spanish, Italian, Dutch, Portuguese, Polish, Swedish.
_EFFECT = re.compile(
    r"\b(?:effectiv|efficac|wirksam|wirkungsvoll|efectiv|eficaz|eficac|effectief|doeltreffend|skuteczn|effektiv)\w*"
    r"|\b(?:works|worked|prevent(?:s|ed)|reduce[sd]|lowere?[sd]|wirkt|verhindert|réduit|redujo|ridotto)\b",
    re.IGNORECASE,
)


def label_of(given: Measurement) -> Label:
    """The strongest label that a measurement allows."""
    enough = given.sample is not None and given.sample >= LEAST_SAMPLE
    series = given.points_before is not None and given.points_before >= LEAST_POINTS_BEFORE
    if given.has_interval:
        if given.design in ("comparison", "stepped") and enough:
            return Label.EFFECT
        if given.design == "time_series" and series:
            return Label.EFFECT
    if given.design in ("before_after", "comparison", "stepped") and enough:
        return Label.CHANGED
    if given.design in ("after", "before_after", "comparison", "stepped"):
        return Label.REMEMBERED
    return Label.SEEN if given.design in ("reach", "time_series") else Label.NOTHING


def words_refused(statement: str, given: Measurement) -> list[str]:
    """Words of a statement that the design does not allow, in their order."""
    if label_of(given) is Label.EFFECT and given.excludes_zero:
        return []
    return [found[0] for found in _EFFECT.finditer(statement)]
