"""Requests of data subjects: GDPR Art. 15 to 22, LED Art. 14 to 17.

1. A request is answered within a month. Under the GDPR it can be extended by two months, with reasons, once.
2. A request names the case that it is about, if there is one. A hold on that case limits the answer (`answers`).
3. How the person was identified is recorded, not the document.
4. Under the LED a person may ask through the supervisory authority (Art. 17).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from tutela import clock
from tutela.casework.search import finders
from tutela.casework.search.values import ValueKind, value
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS, add_months
from tutela.law.clocks import ClockMove
from tutela.organisations.keys import subject_keys
from tutela.redress.errors import RequestAnswered, UnknownDataRequest
from tutela.redress.models import DataRequest, DataRequestStep, Regime, RequestStage, RequestStepKind, Right

SUBJECT, PREFIX = "data_request", "S"
READ, MANAGE = "privacy.read", "privacy.manage"
PER_PAGE, MOST_CHARACTERS = 50, 4000
CLOCKS = {Regime.GDPR: "data_request", Regime.LED: "data_request_led"}
# An answer says of a person's data: what, from where, to whom, for how long (GDPR Art. 15(1), LED Art. 14).
PARTS = ("held", "source", "recipients", "retention")
TEXTS = ("text", *PARTS)
# Holds on a report of a provider's desk name the report.
CASES = {"draft": "report", "filed": "report"}
# Rights of the LED; the others are of the GDPR alone.
LED_RIGHTS = (Right.ACCESS, Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION)


@dataclass(frozen=True)
class RequestInput:
    """A new request. `authority` and `reference` are of the supervisory authority, for an indirect request.

    `about` is the number of the case that it is about. `language` is that of the person.
    """

    regime: str
    right: str
    text: str
    received_at: datetime | None = None
    authority: str = ""
    reference: str = ""
    about: str = ""
    language: str = "en"


@dataclass(frozen=True)
class RequestView:
    """A request with its text and steps."""

    row: DataRequest
    text: str
    steps: list[DataRequestStep]

    @property
    def identified(self) -> bool:
        """Whether the person was identified; an indirect request needs none here."""
        return bool(self.row.authority) or any(one.kind == RequestStepKind.IDENTIFIED for one in self.steps)

    @property
    def extended(self) -> bool:
        """Whether the deadline was extended."""
        return any(one.kind == RequestStepKind.EXTENDED for one in self.steps)

    @property
    def answer(self) -> DataRequestStep | None:
        """The answer, once there is one."""
        return next((one for one in reversed(self.steps) if self.row.stage == RequestStage.CLOSED), None)


def add(actor: Actor, given: RequestInput) -> UUID:
    """Enter a request; returns its ID. Raises `Invalid` naming the field."""
    actor.require(MANAGE)
    _check(given)

    def work() -> UUID:
        with acting(actor):
            return _stored(actor, given)

    return redrawn(work)


def list_requests(
    actor: Actor, view: str, text: str = "", part: ListPage = FIRST_PAGE
) -> tuple[list[DataRequest], bool]:
    """Requests: open ones by deadline, or answered ones. The view is recorded."""
    actor.require(READ)
    with acting(actor):
        rows: QuerySet[DataRequest] = DataRequest.objects.all()
        if text.strip():
            rows = rows.filter(number__begins=text.strip().upper()[:20])
        elif view in RequestStage.values:
            rows = rows.filter(stage=view)
        found, more = part.of(rows.order_by("-stage", "due_at", "pk"), {}, PER_PAGE)
        noted(actor, SUBJECT, (one.pk for one in found), part, state=view)
        return found, more


def load(actor: Actor, request_id: UUID) -> RequestView:
    """One request. The view is recorded. Raises `UnknownDataRequest`."""
    actor.require(READ)
    with acting(actor):
        row = _find(DataRequest.objects.all(), request_id)
        steps = list(row.steps.all())
        subject_keys.open_words(SUBJECT, row.pk, [row], "text")
        for column in TEXTS:
            subject_keys.open_words(SUBJECT, row.pk, steps, column)
        record(actor, "data_request.viewed", SUBJECT, row.pk)
        return RequestView(row, row.text, steps)


def exists(actor: Actor, request_id: UUID) -> bool:
    """Whether the actor's organisation has this request."""
    with acting(actor):
        return DataRequest.objects.filter(pk=request_id).exists()


def identify(actor: Actor, request_id: UUID, text: str) -> None:
    """Record how the person was identified. Raises `Invalid`, `RequestAnswered`."""
    _step(actor, request_id, RequestStepKind.IDENTIFIED, text)


def extend(actor: Actor, request_id: UUID, text: str) -> None:
    """Extend the deadline by two months (GDPR Art. 12(3)), once. Raises `Invalid`, `RequestAnswered`, `BadStep`."""
    actor.require(MANAGE)
    with acting(actor):
        row = find_open(request_id)
        if row.regime != Regime.GDPR:
            raise Invalid("Only a request under the GDPR can be extended.", field="text")
        until = add_months(row.due_at, 2)
        longer = ClockMove("extend", clock.now(), until - row.due_at)
        clocks.take(actor, CLOCKS[Regime.GDPR], SUBJECT, row.pk, longer)
        row.due_at = until
        row.save(update_fields=["due_at"])
        add_step(actor, row, RequestStepKind.EXTENDED, {"text": text})


def name_case(actor: Actor, request_id: UUID, number: str) -> None:
    """Record the case that an open request is about. Raises `Invalid`, `RequestAnswered`."""
    actor.require(MANAGE)
    with acting(actor):
        row = find_open(request_id)
        row.subject_kind, row.subject_id = _case(actor, number)
        row.save(update_fields=["subject_kind", "subject_id"])
        record(actor, "data_request.case_named", SUBJECT, row.pk, case=row.subject_kind)


def _stored(actor: Actor, given: RequestInput) -> UUID:
    at = given.received_at or clock.now()
    kind = CLOCKS[Regime(given.regime)]
    subject_kind, subject_id = _case(actor, given.about) if given.about.strip() else ("", None)
    row = DataRequest(
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        subject_kind=subject_kind,
        subject_id=subject_id,
        language=given.language,
        regime=given.regime,
        right=given.right,
        authority=given.authority.strip(),
        reference=given.reference.strip(),
        text=given.text.strip(),
        received_at=at,
        due_at=KINDS[kind].length.after(at),
    )
    subject_keys.seal_words(actor, SUBJECT, row.pk, row, "text")
    if not insert_ignore(row):
        raise NumberTaken
    clocks.start(actor, kind, SUBJECT, row.pk, at)
    add_step(actor, row, RequestStepKind.RECEIVED, {"text": ""}, required=False)
    record(actor, "data_request.received", SUBJECT, row.pk, number=row.number, right=given.right, regime=given.regime)
    return row.pk


def _case(actor: Actor, number: str) -> tuple[str, UUID]:
    """The case with this number that the actor may see. Raises `Invalid`."""
    wanted = value(ValueKind.NUMBER, number)
    for finder in finders.finders_for(actor):
        if finder.is_case and finder.subject_kind != SUBJECT and ValueKind.NUMBER in finder.kinds:
            found = next((one for one in finder.find(actor, (wanted,), 1) if one.title == wanted.text), None)
            if found is not None:
                return CASES.get(found.subject_kind, found.subject_kind), found.subject_id
    raise Invalid("No case of yours has this number.", field="about")


def _step(actor: Actor, request_id: UUID, kind: RequestStepKind, text: str) -> None:
    actor.require(MANAGE)
    with acting(actor):
        add_step(actor, find_open(request_id), kind, {"text": text})


def add_step(
    actor: Actor,
    row: DataRequest,
    kind: RequestStepKind,
    said: dict[str, str],
    *,
    ground: str = "",
    required: bool = True,
) -> None:
    """Add a step with its texts (`TEXTS`), sealed. Raises `Invalid`. Call inside `acting(actor)`."""
    if required and not said.get("text", "").strip():
        raise Invalid("Enter a text.", field="text")
    for name, text in said.items():
        if len(text) > MOST_CHARACTERS:
            raise Invalid("Enter at most {most} characters.", field=name, most=MOST_CHARACTERS)
    made = DataRequestStep(
        organisation_id=actor.organisation_id,
        request=row,
        kind=kind,
        ground=ground,
        by=actor.reference,
        by_name=actor.name[:200],
        **{name: text.strip() for name, text in said.items()},
    )
    for column in TEXTS:
        subject_keys.seal_words(actor, SUBJECT, row.pk, made, column)
    made.save()
    record(actor, "data_request.step", SUBJECT, row.pk, step=str(kind), ground=ground)


def _check(given: RequestInput) -> None:
    if given.regime not in Regime.values:
        raise Invalid("Choose the act.", field="regime")
    if given.right not in Right.values:
        raise Invalid("Choose the right.", field="right")
    if given.regime == Regime.LED and given.right not in LED_RIGHTS:
        raise Invalid("The LED does not know this right.", field="right")
    if given.authority and given.regime != Regime.LED:
        raise Invalid("Only a request under the LED comes through the supervisory authority.", field="authority")
    for name, most in (("authority", 200), ("reference", 80), ("text", MOST_CHARACTERS)):
        if len(getattr(given, name)) > most:
            raise Invalid("Enter at most {most} characters.", field=name, most=most)
    if not given.text.strip():
        raise Invalid("Enter what the person asks for.", field="text")
    if given.language not in dict(settings.LANGUAGES):
        raise Invalid("Choose the language of the person.", field="language")
    if given.received_at is not None and given.received_at > clock.now():
        raise Invalid("The time is in the future.", field="received_at")


def find_open(request_id: UUID) -> DataRequest:
    """A request to answer, locked. Raises `UnknownDataRequest`, `RequestAnswered`."""
    row = _find(DataRequest.objects.select_for_update(), request_id)
    if row.stage != RequestStage.OPEN:
        raise RequestAnswered
    return row


def _find(rows: QuerySet[DataRequest], request_id: UUID) -> DataRequest:
    row = rows.filter(pk=request_id).first()
    if row is None:
        raise UnknownDataRequest
    return row
