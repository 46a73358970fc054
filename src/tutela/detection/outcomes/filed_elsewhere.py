"""Reports that reached the Centre by another way than this desk: their status and their holds.

A provider may file by the CyberTipline interface, by files or by its own program, and also use this desk. Such a report
is known here from the first message about it. Its text is stored at the Centre and at its sender.

- The newest message other than a hold gives the status: a question stays open until another message arrives.
- The newest hold applies until its end: the user is not notified, and the content perhaps must not be removed.
- One Centre handles a report: a message from another Centre about it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tutela import clock
from tutela.detection.drafts import retract
from tutela.detection.models import FiledElsewhere, Retraction, WordElsewhere
from tutela.detection.settings.queries import NO_STATE
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import NotFound
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback, FeedbackKind
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox_status

KIND = "report"
PER_PAGE = 50
# The first constant is an unanswered question of the Centre; the second is a filter in addition to the states, for
# reports that a hold keeps silent now.
ASKED, HELD = "asked", "held"
STATES = (ASKED, "received", "relevant", "not_relevant", "closed")
SORTS = {"told": ("told_at", "id"), "-told": ("-told_at", "-id")}


@dataclass(frozen=True)
class Filed:
    """A report filed elsewhere with all messages about it."""

    row: FiledElsewhere
    words: list[WordElsewhere]
    held_until: datetime | None
    content_until: datetime | None
    retraction: Retraction | None
    messages: list[outbox_status.MessageState]


def receive(actor: Actor, message: Feedback, sender_id: UUID) -> FiledElsewhere | None:
    """Store a step; the same step twice is one, and then None. Raises `NotFound` for another Centre's.

    Call inside `acting(actor)`, with the provider's machine as the actor.
    """
    first = FiledElsewhere(
        organisation_id=actor.organisation_id,
        report_id=message.report_id,
        centre_id=sender_id,
        centre=message.centre,
        filed_as=message.filed_as or "",
        told_at=clock.now(),
    )
    insert_ignore(first)
    row = FiledElsewhere.objects.select_for_update().get(report_id=message.report_id)
    if row.centre_id != sender_id:
        raise NotFound("No report with this ID was sent to you.")
    told = WordElsewhere(
        organisation_id=actor.organisation_id,
        report=row,
        feedback_id=message.feedback_id,
        kind=message.kind,
        reason=message.reason or "",
        reason_code=message.reason_code or "",
        at=message.at,
        until=message.until,
        content_until=message.content_until,
    )
    subject_keys.seal_words(actor, KIND, row.report_id, told)
    if not insert_ignore(told):
        return None
    _derive(row)
    record(actor, "report.feedback", KIND, row.report_id, step=message.kind, reason_code=message.reason_code)
    return row


def list_filed(actor: Actor, *, state: str = "", part: ListPage = FIRST_PAGE) -> tuple[list[FiledElsewhere], bool]:
    """A part of these reports, what was spoken of last first; `state` is one of theirs, or `HELD`."""
    actor.require("detection.read")
    with acting(actor):
        rows = _held() if state == HELD else FiledElsewhere.objects.all()
        rows = rows.filter(state=state) if state in STATES else rows
        found, more = part.of(rows.order_by("-told_at", "-id"), SORTS, PER_PAGE)
        noted(actor, KIND, (row.report_id for row in found), part, state=state, filed="elsewhere")
        return found, more


def load_filed(actor: Actor, report_id: UUID) -> Filed:
    """One such report; the look is recorded. Raises `NotFound`."""
    actor.require("detection.read")
    with acting(actor):
        row = FiledElsewhere.objects.filter(report_id=report_id).first()
        if row is None:
            raise NotFound
        record(actor, "report.viewed", KIND, report_id, page="elsewhere")
        words, hold = list(row.words.all()), holds.held(KIND, report_id)
        subject_keys.open_words(KIND, report_id, words)
        return Filed(
            row,
            words,
            hold.until if hold else None,
            holds.content_kept(KIND, report_id),
            retract.retraction_of(report_id),
            outbox_status.states(actor, report_id),
        )


def exists(actor: Actor, report_id: UUID) -> bool:
    """Whether this is a report of the actor's organisation that was filed another way."""
    with acting(actor):
        return FiledElsewhere.objects.filter(report_id=report_id).exists()


def counts(actor: Actor) -> dict[str, int]:
    """The number of reports that wait for an answer, and of those on hold. Call inside `acting(actor)`."""
    return {ASKED: FiledElsewhere.objects.filter(state=ASKED).count(), HELD: _held().count()}


def _held() -> QuerySet[FiledElsewhere]:
    return FiledElsewhere.objects.filter(held_until__gt=clock.now())


def _derive(row: FiledElsewhere) -> None:
    """Write what the list is read by, from the words."""
    newest = row.words.order_by("-at", "-id")
    hold = newest.filter(kind=FeedbackKind.HOLD).first()
    row.held_until, row.content_until = (hold.until, hold.content_until) if hold else (None, None)
    word = newest.exclude(kind__in=(FeedbackKind.HOLD, FeedbackKind.STANDS)).first()
    row.state = word.kind if word else ""
    if word is not None and word.kind in NO_STATE and word.reason:
        row.state = ASKED
    row.told_at = clock.now()
    row.save(update_fields=["held_until", "content_until", "state", "told_at"])
