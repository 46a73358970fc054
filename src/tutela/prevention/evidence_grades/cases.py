"""Cases of the rule, as published data (`cases.toml`): facts of results, the grade and the number of the rule."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tutela.prevention.evidence_grades.facts import Bias, Design, Effect, Metric, OutcomeKind, ResultFacts
from tutela.prevention.evidence_grades.rule import Grade

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class RuleCase:
    """What the rule says of some results."""

    name: str
    claimed: OutcomeKind
    results: tuple[ResultFacts, ...]
    grade: Grade
    rule: int


@dataclass(frozen=True)
class RuleCases:
    """All cases, as of one day."""

    today: date
    cases: tuple[RuleCase, ...]


@cache
def read() -> RuleCases:
    """All published cases."""
    data = tomllib.loads(FILE.read_text())
    cases = tuple(
        RuleCase(
            one["name"],
            OutcomeKind(one.get("claimed", "record")),
            tuple(_result(f"{at}", given, data["results"]) for at, given in enumerate(one["results"])),
            Grade(one["grade"]),
            one["rule"],
        )
        for one in data["case"]
    )
    return RuleCases(data["today"], cases)


def _facts(given: dict[str, Any], named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a result says, after that of the result which it names."""
    base = _facts(named[given["use"]], named) if "use" in given else {}
    return base | {name: None if value == "" else value for name, value in given.items() if name != "use"}


def _result(label: str, given: dict[str, Any], named: dict[str, dict[str, Any]]) -> ResultFacts:
    facts = _facts(given, named)
    facts["design"], facts["kind"] = Design(facts["design"]), OutcomeKind(facts["kind"])
    facts["bias"] = Bias(facts["bias"]) if facts.get("bias") else None
    facts["team"] = facts.get("team") or ""
    if facts.get("effect"):
        facts["effect"] = _effect(*facts["effect"])
    return ResultFacts(id=label, **facts)


def _effect(
    metric: str, estimate: float, low: float, high: float, better: str = "lower", relevant: float | None = None
) -> Effect:
    return Effect(Metric(metric), estimate, low, high, better == "lower", relevant)
