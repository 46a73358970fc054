"""Gaps and national measures about interpersonal communications: dated data that a lawyer adds at the law desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law.models import Measure
from tutela.organisations.vocabulary.countries import COUNTRIES

KINDS = Measure.Kind.choices
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 /().-]{1,39}")


@dataclass(frozen=True)
class MeasureInput:
    """A gap or a national measure as it is entered. With the code of an earlier one it replaces that one."""

    code: str
    kind: str
    country: str
    citation: str
    checked: bool
    applies_from: date
    applies_to: date


def add(actor: Actor, given: MeasureInput) -> None:
    """Record a gap or a national measure that the actor read today. Raises `Invalid` naming the field."""
    actor.require("law.edit")
    _check(given)
    with acting(actor):
        Measure.objects.create(**vars(given), reader=actor.name, read_on=clock.now().date())
        record(actor, "law.measure", "measure", given.code, measure=given.kind, checked=given.checked)


def measures() -> list[Measure]:
    """The newest row of every code, by code."""
    return list(Measure.objects.order_by("code", "-at", "-id").distinct("code"))


def gap_on(day: date) -> Measure | None:
    """The gap in which a day is, if there is one."""
    return next((one for one in measures() if one.kind == Measure.Kind.GAP and _covers(one, day)), None)


def national_on(code: str, country: str, day: date) -> bool:
    """Whether a national measure of a country is checked and applies on a day."""
    return any(
        one.code == code and one.kind == Measure.Kind.NATIONAL and one.country == country and one.checked
        for one in measures()
        if _covers(one, day)
    )


def enter(entry: dict[str, Any]) -> None:
    """Enter a measure that the project has read, unless its code is known."""
    if not Measure.objects.filter(code=entry["code"]).exists():
        fields = {name: entry[name] for name in ("code", "kind", "citation", "checked", "reader", "read_on")}
        Measure.objects.create(**fields, applies_from=entry["from"], applies_to=entry["to"])


def _covers(one: Measure, day: date) -> bool:
    return one.applies_from <= day <= one.applies_to


def _check(given: MeasureInput) -> None:
    if not _CODE.fullmatch(given.code):
        raise Invalid("The code has 2 to 40 letters, digits, spaces and signs such as / and -.", field="code")
    if given.kind not in Measure.Kind.values:
        raise Invalid("Choose one of: {known}.", field="kind", known=", ".join(Measure.Kind.values))
    if (given.kind == Measure.Kind.NATIONAL) != (given.country in COUNTRIES):
        raise Invalid("Enter the country of a national measure, and none for a gap.", field="country")
    if not 1 <= len(given.citation.strip()) <= 300:
        raise Invalid("Enter the citation, with at most 300 characters.", field="citation")
    if given.applies_to < given.applies_from:
        raise Invalid("The last day must not be before the first day.", field="applies_to")
