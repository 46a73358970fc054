"""Entries of the library, read from the data file, with their computed grade and what is old or unchecked.

Grades are those of the prevention hub (`prevention.evidence_grades`): the same facts get the same grade everywhere. A
study counts once two curators judged its risk of bias, so an entry that nobody has checked has no grade.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tutela import clock
from tutela.prevention.evidence_grades import rule
from tutela.prevention.evidence_grades.facts import Bias, Design, Effect, Metric, OutcomeKind, ResultFacts
from tutela.prevention.evidence_grades.rule import Grade, Graded

FILE = Path(__file__).parent / "library_entries.toml"
TOPICS = ("practice", "research")


@dataclass(frozen=True)
class LibraryEntry:
    """A practice or a claim of research, in own words, with its source and its reviews."""

    key: str
    topic: str
    title: str
    text: str
    source: str
    reviewed: date
    review_by: date
    unchecked: bool
    claimed: OutcomeKind
    studies: tuple[ResultFacts, ...]

    @property
    def graded(self) -> Graded:
        """Its grade today, with what it rests on and what was left out."""
        return rule.grade(self.studies, self.claimed, clock.now().date())

    @property
    def evaluated(self) -> bool:
        """Whether a study counts."""
        return self.graded.grade is not Grade.NOT_EVALUATED

    @property
    def stale(self) -> bool:
        """Whether its review is due."""
        return clock.now().date() > self.review_by


@cache
def entries() -> tuple[LibraryEntry, ...]:
    """Every entry, in the order of the file."""
    return tuple(_entry(one) for one in tomllib.loads(FILE.read_text())["entry"])


def find(topic: str = "", text: str = "") -> list[LibraryEntry]:
    """Entries of a topic that have a text in title, text or source; all without either."""
    wanted = text.strip().casefold()
    found = [one for one in entries() if not topic or one.topic == topic]
    return [one for one in found if wanted in f"{one.title} {one.text} {one.source}".casefold()]


def _entry(said: dict[str, Any]) -> LibraryEntry:
    claimed = OutcomeKind(said.pop("claimed", OutcomeKind.RECORD))
    studies = tuple(read_study(one) for one in said.pop("studies", []))
    return LibraryEntry(**said, claimed=claimed, studies=studies)


def read_study(said: dict[str, Any]) -> ResultFacts:
    """Facts of a study as the data file states them."""
    effect = said.get("effect")
    kinds = {
        "design": Design(said["design"]),
        "kind": OutcomeKind(said["kind"]),
        "bias": Bias(said["bias"]) if "bias" in said else None,
        "effect": Effect(**{**effect, "metric": Metric(effect["metric"])}) if effect else None,
    }
    return ResultFacts(**{**said, **kinds})
