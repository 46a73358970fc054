"""State of the law: acts with the finding of their newest reading."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NotRequired, TypedDict, Unpack

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import measures
from tutela.law.models import Act, Basis, Reading, Status

SEED = Path(__file__).parent / "seed" / "acts.toml"


@dataclass(frozen=True)
class ActState:
    """An act as of its newest reading. `acts` is true only for what is in force, checked, and applies on the day."""

    code: str
    title: str
    citation: str
    status: str
    status_name: str
    checked: bool
    in_part: bool
    applies_from: date | None
    applies_to: date | None
    note: str
    reader: str
    read_on: date | None

    def acts_on(self, day: date) -> bool:
        """Only what is in force and checked acts; what has lapsed acted on its days, and without a last day on none."""
        lapsed = self.status == Status.LAPSED and self.applies_to is not None
        return self.checked and (self.status == Status.IN_FORCE or lapsed) and self.applies_on(day)

    def applies_on(self, day: date) -> bool:
        begun = self.applies_from is not None and self.applies_from <= day
        return begun and (self.applies_to is None or day <= self.applies_to)


def states() -> list[ActState]:
    """Every act with its newest reading, by code."""
    return [_state(act) for act in Act.objects.order_by("code").prefetch_related("readings")]


def state(code: str) -> ActState:
    """One act as of its newest reading. Raises `NotFound`."""
    act = Act.objects.filter(pk=code).first()
    if act is None:
        raise NotFound
    return _state(act)


def readings(code: str) -> list[Reading]:
    """All readings of an act, newest first."""
    return list(Reading.objects.filter(act_id=code).order_by("-at", "-id"))


class Finding(TypedDict):
    """What somebody found in the sources of an act."""

    status: str
    checked: bool
    in_part: NotRequired[bool]
    applies_from: date | None
    applies_to: date | None
    note: str


def record_reading(actor: Actor, code: str, **found: Unpack[Finding]) -> None:
    """Record that the actor read the sources of an act today. From the next request on, the gate follows it."""
    actor.require("law.edit")
    status, first, last = found["status"], found["applies_from"], found["applies_to"]
    if status not in Status.values:
        raise Invalid("Choose one of: {known}.", field="status", known=", ".join(Status.values))
    if first and last and last < first:
        raise Invalid("The last day must not be before the first day.", field="applies_to")
    if status == Status.LAPSED and last is None:
        raise Invalid("Enter the last day on which the act applied.", field="applies_to")
    state(code)
    with acting(actor):
        Reading.objects.create(act_id=code, reader=actor.name, read_on=clock.now().date(), **found)
        record(actor, "law.reading", "act", code, status=status, checked=found["checked"])


def seed() -> int:
    """Enter the missing acts and bases that the project has read. Returns the number of new acts."""
    data = tomllib.loads(SEED.read_text())
    new = sum(_enter(entry) for entry in data["act"])
    for entry in data["basis"]:
        Basis.objects.get_or_create(code=entry["code"], defaults=_basis_fields(entry))
        # What the project thinks of its own basis now counts, also where an earlier version entered it.
        Basis.objects.filter(code=entry["code"]).update(checked=entry["checked"])
    for entry in data["measure"]:
        measures.enter(entry)
    return new


def _enter(entry: dict[str, Any]) -> bool:
    act, new = Act.objects.get_or_create(
        code=entry["code"], defaults={"title": entry["title"], "citation": entry["citation"]}
    )
    if new:
        Reading.objects.create(
            act=act,
            status=entry["status"],
            checked=entry["checked"],
            in_part=entry.get("in_part", False),
            applies_from=entry.get("from"),
            applies_to=entry.get("to"),
            note=entry.get("note", ""),
            reader=entry["reader"],
            read_on=entry["read_on"],
        )
    return new


def _basis_fields(entry: dict[str, Any]) -> dict[str, Any]:
    kept = ("article", "services", "channels", "technologies", "checked")
    return {
        **{k: entry[k] for k in kept},
        "act_id": entry["act"],
        "applies_from": entry["from"],
        "applies_to": entry.get("to"),
        "excludes": entry.get("excludes", ""),
    }


def _state(act: Act) -> ActState:
    newest = max(act.readings.all(), key=lambda r: (r.at, r.pk), default=None)
    if newest is None:
        return ActState(
            code=act.code,
            title=act.title,
            citation=act.citation,
            status="unchecked",
            status_name=str(Status.UNCHECKED.label),
            checked=False,
            in_part=False,
            applies_from=None,
            applies_to=None,
            note="",
            reader="",
            read_on=None,
        )
    return ActState(
        act.code,
        act.title,
        act.citation,
        newest.status,
        str(Status(newest.status).label),
        newest.checked,
        newest.in_part,
        newest.applies_from,
        newest.applies_to,
        newest.note,
        newest.reader,
        newest.read_on,
    )
