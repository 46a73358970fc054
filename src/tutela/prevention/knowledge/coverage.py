"""Coverage of stages and targets by country: filled, empty or unknown. An empty cell is a question for research."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tutela import clock
from tutela.casework.public_languages.names import MEMBERS
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.knowledge import programmes
from tutela.prevention.knowledge.permissions import CURATE
from tutela.prevention.models import CoverageAnswer, ProgrammeStatus, Stage, Target

OFFERED = (ProgrammeStatus.UNKNOWN, ProgrammeStatus.PILOT, ProgrammeStatus.RUNNING)


class CellState(StrEnum):
    """What is known of a cell. Nobody has asked about an unknown one."""

    FILLED = "filled"
    EMPTY = "empty"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cell:
    """A stage and a target in one country."""

    country: str
    stage: str
    target: str
    state: CellState
    programmes: int


def grid(target: str = "") -> list[list[Cell]]:
    """Rows by country, cells by stage: of one target, or of any. Call inside `acting`."""
    offered = dict[tuple[str, str], int]()
    for one in programmes.newest_editions().filter(status__in=OFFERED):
        if target and target not in one.targets:
            continue
        for country in one.countries:
            for stage in one.stages:
                offered[country, stage] = offered.get((country, stage), 0) + 1
    # Without a target, a cell is empty once the country has answered for each one.
    needed = {target} if target else set(Target.values)
    answered = defaultdict[tuple[str, str], set[str]](set)
    for country, stage, of in CoverageAnswer.objects.values_list("country", "stage", "target"):
        answered[country, stage].add(of)
    asked = {cell for cell, targets in answered.items() if targets >= needed}
    return [[_cell(country, stage, target, offered, asked) for stage in Stage.values] for country in MEMBERS]


def answer_none(actor: Actor, *, country: str, stage: str, target: str, source: str, answered_on: date) -> None:
    """Record that a country has no programme of a stage for a target. Raises `Invalid` naming the field."""
    actor.require(CURATE)
    for name, value, known in (
        ("country", country, MEMBERS),
        ("stage", stage, Stage.values),
        ("target", target, Target.values),
    ):
        if value not in known:
            raise Invalid("Choose one of the list.", field=name)
    if not source.strip():
        raise Invalid("Enter who answered.", field="source")
    if answered_on > clock.now().date():
        raise Invalid("Enter a day that is not in the future.", field="answered_on")
    with acting(actor):
        row = CoverageAnswer(
            organisation_id=actor.organisation_id,
            country=country,
            stage=stage,
            target=target,
            source=source.strip(),
            answered_on=answered_on,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        row.save(force_insert=True)
        record(actor, "coverage.answered", "coverage", row.pk, country=country, stage=stage, target=target)


def _cell(
    country: str, stage: str, target: str, offered: dict[tuple[str, str], int], asked: set[tuple[str, str]]
) -> Cell:
    count = offered.get((country, stage), 0)
    state = CellState.FILLED if count else CellState.EMPTY if (country, stage) in asked else CellState.UNKNOWN
    return Cell(country, stage, target, state, count)
