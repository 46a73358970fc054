"""Relief of police work as an indicator: counts before and after, and the words that such counts allow.

Fewer reports are no proof of fewer offences, and no proof of a programme. The indicator says "changed" without a
comparison region, and names the difference of both changes with one. It never says that a programme works.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from tutela.casework.public_languages.names import MEMBERS
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.knowledge import programmes
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.models import ReliefMeasure, ReliefReturn

# Below this count, a change of some per cent is chance.
LEAST_BEFORE = 50


@dataclass(frozen=True)
class ReliefInput:
    """Counts of a police force, of two periods of equal length."""

    country: str
    programme: UUID
    measure: str
    months: int
    before: int
    after: int
    source: str
    comparison_before: int | None = None
    comparison_after: int | None = None


@dataclass(frozen=True)
class ReliefLine:
    """A return with its change in per cent, and the change beyond that of the comparison; None if too few or none."""

    row: ReliefReturn
    programme: str
    change_percent: float | None
    beyond_comparison: float | None


def add(actor: Actor, given: ReliefInput) -> None:
    """Add a return. Raises `Invalid` naming the field, `UnknownProgramme`."""
    actor.require(CURATE)
    if given.country not in MEMBERS:
        raise Invalid("Choose one of the list.", field="country")
    if given.measure not in ReliefMeasure.values:
        raise Invalid("Choose one of the list.", field="measure")
    if given.months < 1:
        raise Invalid("Enter the length of each period in months.", field="months")
    if not given.source.strip():
        raise Invalid("Enter the source.", field="source")
    if (given.comparison_before is None) != (given.comparison_after is None):
        raise Invalid("A comparison has counts of both periods.", field="comparison_after")
    with acting(actor):
        programmes.find(given.programme)
        row = ReliefReturn(
            organisation_id=actor.organisation_id, by=actor.reference, by_name=actor.name[:200], **asdict(given)
        )
        row.save(force_insert=True)
        record(actor, "relief.returned", "relief", row.pk, country=row.country, measure=row.measure)


def lines(actor: Actor) -> list[ReliefLine]:
    """The newest return of each country, programme and measure."""
    actor.require(READ)
    with acting(actor):
        return public_lines()


def public_lines() -> list[ReliefLine]:
    """The newest return of each country, programme and measure. Call inside `acting`."""
    names = {one.programme_id: one.name for one in programmes.newest_editions()}
    rows = ReliefReturn.objects.order_by("created_at", "pk")
    newest = {(one.country, one.programme, one.measure): one for one in rows}
    return [_line(newest[key], names.get(key[1], "")) for key in sorted(newest, key=str)]


def _line(row: ReliefReturn, name: str) -> ReliefLine:
    change = _change(row.before, row.after)
    other = None
    if row.comparison_before is not None and row.comparison_after is not None:
        other = _change(row.comparison_before, row.comparison_after)
    beyond = None if change is None or other is None else change - other
    return ReliefLine(row, name, change, beyond)


def _change(before: int, after: int) -> float | None:
    return 100 * (after - before) / before if before >= LEAST_BEFORE else None
