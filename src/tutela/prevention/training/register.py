"""Returns on training and the coverage that follows. Counts only: names stay with the employer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from tutela import clock
from tutela.casework.public_languages.names import MEMBERS
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.models import Profession, TrainingReturn

# Directive 2011/93/EU, Art. 23(3): regular training for officials who are likely to meet child victims, such as
# front-line police. Who else must be trained follows from the law of a country, which its returns state.
REQUIRED = (Profession.POLICE,)


@dataclass(frozen=True)
class ReturnInput:
    """A return of one employer or authority."""

    country: str
    profession: str
    course: str
    trained: int
    trained_on: date
    source: str
    region: str = ""
    headcount: int | None = None
    valid_months: int = 36


@dataclass(frozen=True)
class CoverageLine:
    """Coverage of a profession in a region: `share` is None while the headcount is unknown, which is not 0."""

    country: str
    region: str
    profession: str
    course: str
    headcount: int | None
    trained: int
    lapses_on: date
    lapsed: bool

    @property
    def share(self) -> float | None:
        valid = 0 if self.lapsed else self.trained
        return valid / self.headcount if self.headcount else None


def add(actor: Actor, given: ReturnInput) -> None:
    """Add a return, which replaces earlier ones of its profession, region and course. Raises `Invalid`."""
    actor.require(CURATE)
    if given.country not in MEMBERS:
        raise Invalid("Choose one of the list.", field="country")
    if given.profession not in Profession.values:
        raise Invalid("Choose one of the list.", field="profession")
    if not given.course.strip():
        raise Invalid("Enter the course.", field="course")
    if given.headcount is not None and given.trained > given.headcount:
        raise Invalid("More people are trained than there are.", field="trained")
    if given.trained_on > clock.now().date():
        raise Invalid("Enter a day that is not in the future.", field="trained_on")
    with acting(actor):
        row = TrainingReturn(
            organisation_id=actor.organisation_id, by=actor.reference, by_name=actor.name[:200], **asdict(given)
        )
        row.save(force_insert=True)
        told = {"country": row.country, "profession": row.profession}
        record(actor, "training.returned", "training", row.pk, **told, trained=row.trained)


def lines(actor: Actor) -> list[CoverageLine]:
    """Coverage by the newest return of each profession, region and course."""
    actor.require(READ)
    with acting(actor):
        newest = TrainingReturn.objects.order_by("country", "region", "profession", "course", "-created_at", "-pk")
        rows = list(newest.distinct("country", "region", "profession", "course"))
    return [_line(one) for one in rows]


def missing(found: list[CoverageLine]) -> list[tuple[str, list[str]]]:
    """Professions that must be trained, each with the countries without a valid return. Unknown is not trained."""
    valid = {(one.country, one.profession) for one in found if not one.lapsed}
    return [(str(one.label), [country for country in MEMBERS if (country, one.value) not in valid]) for one in REQUIRED]


def _line(one: TrainingReturn) -> CoverageLine:
    ends = _months_after(one.trained_on, one.valid_months)
    return CoverageLine(
        one.country,
        one.region,
        one.profession,
        one.course,
        one.headcount,
        one.trained,
        ends,
        ends <= clock.now().date(),
    )


def _months_after(day: date, months: int) -> date:
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, min(day.day, 28))
