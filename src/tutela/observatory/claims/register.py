"""The register of claims, read from the seed files, and when each must be reviewed.

A claim keeps the sentence as it was found, what it says as a quantity, who cites whom, what is wrong with it, and other
values. Its status says whether the number stands. `quote` is a sentence that a person may use, with its caveat.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tutela.exchange.message.translatable_text import Term
from tutela.exchange.message.translatable_text import marked as _

SEED = Path(__file__).parent / "seed"
# Evidence of before this many years ago is shown as old, whatever else is said of it.
OLD_YEARS = 10


class ClaimStatus(Term):
    """Whether the number of a claim stands."""

    REPRODUCED = "reproduced", _("reproduced from public tables")
    SUPPORTED = "supported", _("supported by its source")
    CONTESTED = "contested", _("contested")
    UNSUPPORTED = "unsupported", _("not supported by its source")
    SUPERSEDED = "superseded", _("superseded")
    NO_SOURCE = "no_source", _("never had a source")
    UNCHECKED = "unchecked", _("source not yet checked")


@dataclass(frozen=True)
class Competing:
    """Another value for what a claim says, by whom and of when."""

    value: str
    source: str
    at: str


@dataclass(frozen=True)
class Claim:
    """A sentence with a figure in it. `chain` names who cites whom, the first source last."""

    id: str
    sentence: str
    found_in: str
    value: str
    unit: str
    population: str
    period: str
    chain: tuple[str, ...]
    method: str
    critique: tuple[str, ...]
    status: ClaimStatus
    quote: str
    evidence_date: date | None
    reviewed: date
    review_by: date
    competing: tuple[Competing, ...] = ()
    recomputed_by: str = ""
    own_definition: str = ""

    def age_years(self, today: date) -> int | None:
        """Full years since the evidence; None if its date is not known."""
        if self.evidence_date is None:
            return None
        before = (today.month, today.day) < (self.evidence_date.month, self.evidence_date.day)
        return today.year - self.evidence_date.year - before

    def is_old(self, today: date) -> bool:
        """Return true if its evidence is older than ten years, or of an unknown day."""
        age = self.age_years(today)
        return age is None or age >= OLD_YEARS


@cache
def claims() -> dict[str, Claim]:
    """Every claim by its identifier, in the order of the seed files."""
    found: dict[str, Claim] = {}
    for path in sorted(SEED.glob("claims-*.toml")):
        for row in tomllib.loads(path.read_text())["claim"]:
            one = _claim(row)
            if one.id in found:
                raise ValueError(f"two claims have the identifier {one.id}")
            found[one.id] = one
    return found


def _claim(row: dict[str, Any]) -> Claim:
    competing = tuple(Competing(**one) for one in row.get("competing", ()))
    plain = {name: value for name, value in row.items() if name not in ("chain", "critique", "status", "competing")}
    return Claim(
        **{"evidence_date": None, **plain},
        chain=tuple(row["chain"]),
        critique=tuple(row["critique"]),
        status=ClaimStatus.member(row["status"]),
        competing=competing,
    )
