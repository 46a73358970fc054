"""Breaches of personal data: GDPR Art. 33 and 34, LED Art. 30 and 31.

1. The supervisory authority is notified within 72 hours after the breach became known. A later notice has reasons.
2. Persons are notified if the risk is high. Authorities whose data it was are notified (LED Art. 30(6)).
3. Without a risk no notice is due; the reason is recorded all the same.
4. A breach is closed once every notice that is due is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.organisations.keys import subject_keys
from tutela.redress.data_subjects.requests import MANAGE, MOST_CHARACTERS, PER_PAGE, READ
from tutela.redress.errors import BreachStepTwice, TooLate, UnknownBreach
from tutela.redress.models import Breach, BreachStep, BreachStepKind, Regime

SUBJECT, CLOCK, PREFIX = "breach", "breach", "V"
# An alert is raised so long before the clock ends.
WARNED_BEFORE = timedelta(hours=24)
NOTICES = (
    BreachStepKind.AUTHORITY,
    BreachStepKind.PERSONS,
    BreachStepKind.SENDERS,
    BreachStepKind.NO_NOTICE,
)


@dataclass(frozen=True)
class BreachInput:
    """A breach with the items of its notice: nature, numbers, consequences and measures in `text`."""

    regime: str
    known_at: datetime
    persons: int
    records: int
    high_risk: bool
    of_senders: bool
    text: str


@dataclass(frozen=True)
class BreachView:
    """A breach with its text and steps."""

    row: Breach
    text: str
    steps: list[BreachStep]

    @property
    def alerting(self) -> bool:
        """Whether the notice to the authority is missing and an alert is due (`breach_alerts`)."""
        told = {one.kind for one in self.steps} & {BreachStepKind.AUTHORITY, BreachStepKind.NO_NOTICE}
        return not told and self.row.due_at - WARNED_BEFORE <= clock.now()

    @property
    def due(self) -> list[str]:
        """The notices that are due and not recorded."""
        return missing(self.row, {one.kind for one in self.steps})


def missing(row: Breach, kinds: set[str]) -> list[str]:
    """Rules 1 to 3: notices that are due and not among these steps."""
    if BreachStepKind.NO_NOTICE in kinds:
        return []
    wanted = [BreachStepKind.AUTHORITY]
    wanted += [BreachStepKind.PERSONS] if row.high_risk else []
    wanted += [BreachStepKind.SENDERS] if row.of_senders else []
    return [one.value for one in wanted if one not in kinds]


def add(actor: Actor, given: BreachInput) -> UUID:
    """Enter a breach; returns its ID. Its clock begins when it became known. Raises `Invalid`."""
    actor.require(MANAGE)
    if given.regime not in Regime.values:
        raise Invalid("Choose the act.", field="regime")
    if given.known_at > clock.now():
        raise Invalid("The time is in the future.", field="known_at")
    for name in ("persons", "records"):
        if not 0 <= getattr(given, name) <= 2_000_000_000:
            raise Invalid("Enter a number from 0.", field=name)
    _check_text(given.text)

    def work() -> UUID:
        with acting(actor):
            return _stored(actor, given)

    return redrawn(work)


def notify(actor: Actor, breach_id: UUID, kind: str, reference: str, text: str) -> None:
    """Record a notice. Raises `TooLate` without reasons, `BreachStepTwice`, `Invalid`, `UnknownBreach`."""
    actor.require(MANAGE)
    if kind not in NOTICES:
        raise Invalid("Choose the notice.", field="kind")
    if len(reference) > 80:
        raise Invalid("Enter at most {most} characters.", field="reference", most=80)
    if len(text) > MOST_CHARACTERS:
        raise Invalid("Enter at most {most} characters.", field="text", most=MOST_CHARACTERS)
    with acting(actor):
        row = _locked(breach_id)
        late = kind == BreachStepKind.AUTHORITY and clock.now() > row.due_at
        if (late or kind == BreachStepKind.NO_NOTICE) and not text.strip():
            raise TooLate if late else Invalid("Enter why there is no risk.", field="text")
        if kind == BreachStepKind.NO_NOTICE and row.high_risk:
            raise Invalid("The risk of this breach is high. Notify.", field="kind")
        _step(actor, row, BreachStepKind(kind), text, reference, late=late)
        if kind in (BreachStepKind.AUTHORITY, BreachStepKind.NO_NOTICE):
            clocks.stop_if_running(actor, CLOCK, SUBJECT, row.pk)
        if not missing(row, set(row.steps.values_list("kind", flat=True))) and row.closed_at is None:
            row.closed_at = clock.now()
            row.save(update_fields=["closed_at"])
            _step(actor, row, BreachStepKind.CLOSED, "", "")


def list_breaches(actor: Actor, part: ListPage = FIRST_PAGE, *, still_open: bool = False) -> tuple[list[Breach], bool]:
    """Breaches, open ones first by deadline; `still_open`: those alone. The view is recorded."""
    actor.require(READ)
    with acting(actor):
        rows = Breach.objects.filter(closed_at=None) if still_open else Breach.objects.all()
        rows = rows.order_by("-closed_at", "due_at", "pk")
        found, more = part.of(rows, {}, PER_PAGE)
        noted(actor, SUBJECT, (one.pk for one in found), part)
        return found, more


def load(actor: Actor, breach_id: UUID) -> BreachView:
    """One breach. The view is recorded. Raises `UnknownBreach`."""
    actor.require(READ)
    with acting(actor):
        row = Breach.objects.filter(pk=breach_id).first()
        if row is None:
            raise UnknownBreach
        steps = list(row.steps.all())
        subject_keys.open_words(SUBJECT, row.pk, [row, *steps], "text")
        record(actor, "breach.viewed", SUBJECT, row.pk)
        return BreachView(row, row.text, steps)


def exists(actor: Actor, breach_id: UUID) -> bool:
    """Whether the actor's organisation has this breach."""
    with acting(actor):
        return Breach.objects.filter(pk=breach_id).exists()


def _stored(actor: Actor, given: BreachInput) -> UUID:
    # In UTC: 72 hours are as long on the day on which clocks change.
    known_at = given.known_at.astimezone(UTC)
    row = Breach(
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        due_at=KINDS[CLOCK].length.after(known_at),
        **{**vars(given), "known_at": known_at, "text": given.text.strip()},
    )
    subject_keys.seal_words(actor, SUBJECT, row.pk, row, "text")
    if not insert_ignore(row):
        raise NumberTaken
    clocks.start(actor, CLOCK, SUBJECT, row.pk, known_at)
    _step(actor, row, BreachStepKind.FOUND, "", "")
    record(actor, "breach.entered", SUBJECT, row.pk, number=row.number, high_risk=row.high_risk)
    return row.pk


def _step(actor: Actor, row: Breach, kind: BreachStepKind, text: str, reference: str, *, late: bool = False) -> None:
    made = BreachStep(
        organisation_id=actor.organisation_id,
        breach=row,
        kind=kind,
        late=late,
        reference=reference.strip(),
        text=text.strip(),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, SUBJECT, row.pk, made, "text")
    if not insert_ignore(made):
        raise BreachStepTwice
    record(actor, "breach.step", SUBJECT, row.pk, step=str(kind), late=late)


def _check_text(text: str) -> None:
    if not text.strip():
        raise Invalid("Enter nature, consequences and measures.", field="text")
    if len(text) > MOST_CHARACTERS:
        raise Invalid("Enter at most {most} characters.", field="text", most=MOST_CHARACTERS)


def _locked(breach_id: UUID) -> Breach:
    row = Breach.objects.select_for_update().filter(pk=breach_id).first()
    if row is None:
        raise UnknownBreach
    return row
