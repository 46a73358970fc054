"""Legal bases for detection that an operator recorded: by a named lawyer, confirmed by a second person, public.

1. The operator's lawyer or lead records text, date and expiry, and for which service, channels and technologies.
2. Another person of the operator confirms it. From that day until it expires or is ended, the legal-basis check allows
   the operator what it covers.
3. For interpersonal communications it names an act, or a national measure of the operator's country. On each day it
   counts only if that one is checked and applies.
4. It never covers audio or end-to-end encrypted channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import acts, measures
from tutela.law.errors import AlreadyDecided, NeedsAnAct, NotTheSecondPerson
from tutela.law.models import Basis, BasisStep, RecordedBasis
from tutela.organisations.people import directory
from tutela.organisations.people.password_links import require_own_password

PERMISSION = "bases.record"
SUBJECT = "recorded_basis"
PREFIX = "L"
# A basis is looked at again after so long at the latest.
LONGEST = timedelta(days=3 * 366)
MOST_TEXT = 2000
SERVICES, CHANNELS = ("hosting", "interpersonal"), ("public", "private")
TECHNOLOGIES = ("hash", "classifier", "text", "user_report")


@dataclass(frozen=True)
class BasisInput:
    """A basis as it is entered. `rests_on` is the code of an act or of a national measure."""

    lawyer: str
    text: str
    service: str
    channels: Sequence[str]
    technologies: Sequence[str]
    dated: date
    expires_on: date
    rests_on: str = ""


@dataclass(frozen=True)
class BasisState:
    """A recorded basis with what became of it."""

    row: RecordedBasis
    confirmed: BasisStep | None
    ended: BasisStep | None

    def counts_on(self, day: date) -> bool:
        """Whether it was confirmed, had begun, and had neither expired nor ended on a day."""
        begun = self.confirmed is not None and max(self.confirmed.at.date(), self.row.dated) <= day
        return begun and day <= self.row.expires_on and (self.ended is None or day < self.ended.at.date())

    @property
    def pending(self) -> bool:
        """Whether it waits for a second person."""
        return self.confirmed is None and self.ended is None

    @property
    def counts_today(self) -> bool:
        """Whether it counts now."""
        return self.counts_on(clock.now().date())


def record_basis(actor: Actor, given: BasisInput) -> str:
    """Record a basis of the actor's organisation; returns its number. Raises `Invalid` naming the field."""
    actor.require(PERMISSION)
    _check(given, actor.country)

    def insert() -> str:
        with acting(actor):
            row = _row(actor, given)
            if not insert_ignore(row):
                raise NumberTaken
            record(actor, "basis.recorded", SUBJECT, row.number, service=given.service, expires=str(given.expires_on))
        return row.number

    return redrawn(insert)


def confirm(actor: Actor, number: str) -> None:
    """Confirm a basis that another person recorded. Raises `NotTheSecondPerson`, `AlreadyDecided`, `NotFound`."""
    actor.require(PERMISSION)
    with acting(actor):
        state = _own(actor, number)
        if state.row.by == actor.reference:
            raise NotTheSecondPerson
        if not state.pending:
            raise AlreadyDecided
        require_own_password(actor, state.row.at)
        _step(actor, state.row, BasisStep.Kind.CONFIRMED)
        record(actor, "basis.confirmed", SUBJECT, number)


def end(actor: Actor, number: str, reason: str) -> None:
    """End a basis, confirmed or not, from today. Raises `Invalid`, `AlreadyDecided`, `NotFound`."""
    actor.require(PERMISSION)
    with acting(actor):
        state = _own(actor, number)
        if not 1 <= len(reason.strip()) <= 300:
            raise Invalid("Enter a reason with at most 300 characters.", field="reason")
        _step(actor, state.row, BasisStep.Kind.ENDED, reason.strip())
        record(actor, "basis.ended", SUBJECT, number)


def bases(operator: UUID | None = None) -> list[BasisState]:
    """Recorded bases of an operator, or of all, newest first."""
    rows = RecordedBasis.objects.order_by("-at", "-number").prefetch_related("steps")
    return [_state(one) for one in (rows.filter(operator_id=operator) if operator else rows)]


def covering(operator: UUID, service: str, channel: str, technology: str, day: date) -> RecordedBasis | None:
    """The basis of an operator that counts on a day for a detection, if there is one."""
    rows = RecordedBasis.objects.filter(
        operator_id=operator,
        service=service,
        channels__contains=[channel],
        technologies__contains=[technology],
        expires_on__gte=day,
    )
    for row in rows.order_by("at", "number").prefetch_related("steps"):
        if _state(row).counts_on(day) and (service == "hosting" or _rests(row.rests_on, _country(operator), day)):
            return row
    return None


def record_demonstration(actor: Actor, at: datetime | None = None) -> None:
    """Record and confirm a basis for hosting that is marked as a demonstration. For the demonstration and tests."""
    with clock.simulate(at or clock.now()), acting(actor):
        today = clock.now().date()
        given = BasisInput(
            lawyer="Demonstration lawyer",
            text="Invented for a demonstration. Nobody may rely on it.",
            service="hosting",
            channels=CHANNELS,
            technologies=TECHNOLOGIES,
            dated=today,
            expires_on=today + LONGEST,
        )
        row = _row(actor, given, demonstration=True)
        row.save(force_insert=True)
        BasisStep.objects.create(
            basis=row, kind=BasisStep.Kind.CONFIRMED, by="system:demonstration", by_name="Demonstration second person"
        )
        record(actor, "basis.recorded", SUBJECT, row.number, service="hosting", demonstration=True)


def _row(actor: Actor, given: BasisInput, *, demonstration: bool = False) -> RecordedBasis:
    return RecordedBasis(
        number=case_number(PREFIX),
        operator_id=actor.organisation_id,
        operator_name=actor.organisation_name,
        lawyer=given.lawyer.strip(),
        text=given.text.strip(),
        rests_on=given.rests_on,
        service=given.service,
        channels=list(given.channels),
        technologies=list(given.technologies),
        dated=given.dated,
        expires_on=given.expires_on,
        demonstration=demonstration,
        by=actor.reference,
        by_name=actor.name[:200],
    )


def _step(actor: Actor, row: RecordedBasis, kind: BasisStep.Kind, reason: str = "") -> None:
    step = BasisStep(basis=row, kind=kind, reason=reason, by=actor.reference, by_name=actor.name[:200])
    if not insert_ignore(step):
        raise AlreadyDecided


def _state(row: RecordedBasis) -> BasisState:
    steps = {one.kind: one for one in row.steps.all()}
    return BasisState(row, steps.get(BasisStep.Kind.CONFIRMED), steps.get(BasisStep.Kind.ENDED))


def _own(actor: Actor, number: str) -> BasisState:
    found = RecordedBasis.objects.filter(number=number, operator_id=actor.organisation_id).first()
    if found is None:
        raise NotFound
    return _state(found)


def _check(given: BasisInput, country: str) -> None:
    today = clock.now().date()
    if not 1 <= len(given.lawyer.strip()) <= 160:
        raise Invalid("Enter the name of the lawyer who answers for this text.", field="lawyer")
    if not 1 <= len(given.text.strip()) <= MOST_TEXT:
        raise Invalid("Enter the legal basis with at most {most} characters.", field="text", most=MOST_TEXT)
    for name, known in (("channels", CHANNELS), ("technologies", TECHNOLOGIES)):
        if not getattr(given, name) or not set(getattr(given, name)) <= set(known):
            raise Invalid("Choose from: {known}.", field=name, known=", ".join(known))
    if given.service not in SERVICES:
        raise Invalid("Choose from: {known}.", field="service", known=", ".join(SERVICES))
    if given.dated > today:
        raise Invalid("The date of the text must not be in the future.", field="dated")
    if not today < given.expires_on <= today + LONGEST:
        raise Invalid("The expiry must be after today, within three years.", field="expires_on")
    if given.service == "interpersonal" and not _rests(given.rests_on, country, today):
        raise NeedsAnAct
    if given.rests_on and not _known(given.rests_on):
        raise Invalid("No act and no measure has this code.", field="rests_on")


def _known(code: str) -> bool:
    known = {one.code for one in acts.states()} | {one.code for one in measures.measures()}
    return code in known


def _rests(code: str, country: str, day: date) -> bool:
    """Whether interpersonal detection may rest on a code: an act with such a basis that was read, or a measure."""
    based = Basis.objects.filter(act_id=code, checked=True, services__contains=["interpersonal"]).exists()
    acting_one = based and any(one.code == code and one.acts_on(day) for one in acts.states())
    return acting_one or measures.national_on(code, country, day)


def _country(operator: UUID) -> str:
    return directory.entry(operator).country
