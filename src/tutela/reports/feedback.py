"""What a provider is told of its report, once for each cause, and what waits while a hold stands.

A provider learns only: received, relevant or not with its reason, closed, a question, and until when a hold lasts; and
during a hold nothing but that hold and the receipt (CSAR 48(6)-(7)). What waits is sent in its order when no hold
stands any longer. That a report was received the signed receipt says, with the answer: nothing else is sent of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.ids import uuid7
from tutela.events.inserting import insert_once
from tutela.exchange.feedback import Feedback, FeedbackKind
from tutela.exchange.unfounded import UnfoundedReason
from tutela.law import holds
from tutela.organisations import directory, erasable, outbox
from tutela.organisations.kinds import Kind
from tutela.reports import withdrawal
from tutela.reports.models import Assessment, CyberTip, FeedbackHeld, FeedbackSent, Report
from tutela.reports.sealing import SUBJECT

# The receipt says nothing of a case, and a hold must be known to be kept.
ALWAYS = frozenset({"received", "hold"})
# A question travels as feedback of this kind, with the question as its reason (CSAR 48(4)).
QUESTION = "question"


def held(row: Report) -> Any:
    """The hold that stands about a report or the one that it repeats; None without. Call inside `acting(actor)`."""
    return holds.held("report", (row.duplicate_of or row).report_id)


def tell(actor: Actor, row: Report, kind: str, reason: str = "", *, code: str = "", cause: UUID | None = None) -> None:
    """Send one step to the provider, or keep it until the hold is over. Call inside `acting(actor)`."""
    if kind not in ALWAYS and cause is not None:
        if held(row) is not None:
            if not answers(row):
                return
            kept = FeedbackHeld(
                organisation_id=actor.organisation_id, report=row, kind=kind, cause=cause, reason=reason,
                reason_code=code,
            )  # fmt: skip
            erasable.seal_words(actor, SUBJECT, row.report_id, kept)
            insert_once(kept)
            return
        send_waiting(actor, waiting().filter(report=row))
    _send(actor, row, kind, reason, cause, code=code)


def tell_all(actor: Actor, row: Report, kind: str, reason: str = "", *, code: str = "", cause: UUID) -> None:
    """The same for a report and every one that repeats it: each has its own id at the provider."""
    for one in (row, *row.duplicates.select_related("duplicate_of")):
        tell(actor, one, kind, reason, code=code, cause=cause)


def tell_hold(actor: Actor, row: Report) -> None:
    """Say what is held now, for every copy: until when the user is not told, and the content not removed.

    Where nothing is held any longer, this moment ends the earlier hold.
    """
    subject = (row.duplicate_of or row).report_id
    hold, content = holds.held("report", subject), holds.content_kept("report", subject)
    for one in (row, *row.duplicates.all()):
        until = (hold.until if hold else clock.now(), content)
        _send(actor, one, FeedbackKind.HOLD, "", uuid7(), held_until=until)


def waiting() -> QuerySet[FeedbackHeld]:
    """What was kept back and not sent since. Call inside `acting(actor)`."""
    sent = FeedbackSent.objects.filter(report=OuterRef("report"), kind=OuterRef("kind"), cause=OuterRef("cause"))
    rows = FeedbackHeld.objects.select_related("report", "report__duplicate_of").filter(~Exists(sent))
    return rows.order_by("created_at", "id")


def send_waiting(actor: Actor, rows: QuerySet[FeedbackHeld]) -> int:
    """Send of these what no hold keeps back any longer; returns how many. Call inside `acting(actor)`."""
    main = Coalesce(OuterRef("report__duplicate_of__report_id"), OuterRef("report__report_id"))
    holding = holds.in_effect("report").filter(subject_id=Cast(main, TextField()))
    free = list(rows.filter(~Exists(holding)))
    for row in free:
        erasable.open_words(SUBJECT, row.report.report_id, [row])
        if row.kind == withdrawal.HELD:
            withdrawal.tell_of_report(actor, row.report, row.cause, row.reason)
        else:
            _send(actor, row.report, row.kind, row.reason, row.cause, code=row.reason_code)
    return len(free)


def status_of(row: Report) -> dict[str, object]:
    """What a provider was told of its report and what is held now, as it asks for it. Call inside `acting(actor)`."""
    told = list(row.feedback.order_by("created_at", "id"))
    erasable.open_words(SUBJECT, row.report_id, told)
    codes = dict(Assessment.objects.filter(pk__in=[one.cause for one in told]).values_list("pk", "reason_code"))
    subject = (row.duplicate_of or row).report_id
    hold, content = holds.held(SUBJECT, subject), holds.content_kept(SUBJECT, subject)
    return {
        "filed_as": filed_as(row),
        "held_until": _moment(hold.until if hold else None), "content_held_until": _moment(content),
        "told": [_said(one, codes.get(one.cause, "")) for one in told],
    }  # fmt: skip


def _said(one: FeedbackSent, code: str) -> dict[str, str]:
    said: dict[str, str | None] = {
        "kind": one.kind, "at": _moment(one.created_at), "reason_code": code, "reason": one.reason,
        "until": _moment(one.until), "content_until": _moment(one.content_until),
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def answers(row: Report) -> bool:
    """Whether a provider stands behind a report that hears and answers; whoever only brought it does not."""
    return directory.entry(row.provider_id).kind == Kind.PROVIDER


def filed_as(row: Report) -> str | None:
    """The number by which its provider knows a report of the CyberTipline interface; it never learns another one."""
    number = CyberTip.objects.filter(report_id=row.report_id).values_list("number", flat=True).first()
    return None if number is None else str(number)


def release_ended(actor: Actor) -> int:
    """Send everything whose hold is over; returns how many messages. For the job that asks every minute."""
    with acting(actor):
        return send_waiting(actor, waiting())


def _send(
    actor: Actor, row: Report, kind: str, reason: str, cause: UUID | None, *, code: str = "",
    held_until: tuple[datetime | None, datetime | None] = (None, None),
) -> None:  # fmt: skip
    if not answers(row):
        return
    sent = FeedbackSent(
        organisation_id=actor.organisation_id, report=row, kind=kind, cause=cause, reason=reason,
        until=held_until[0], content_until=held_until[1],
    )  # fmt: skip
    erasable.seal_words(actor, SUBJECT, row.report_id, sent)
    if not insert_once(sent):
        return
    message = Feedback(
        feedback_id=uuid7(), report_id=row.report_id, reason=reason or None, at=clock.now(),
        until=held_until[0], content_until=held_until[1],
        kind=FeedbackKind.RECEIVED if kind == QUESTION else FeedbackKind(kind), centre=actor.organisation_name,
        reason_code=UnfoundedReason(code) if code else None, filed_as=filed_as(row),
    )  # fmt: skip
    outbox.send(
        actor, row.provider_id, "feedback", f"/api/v1/organisations/{row.provider_id}/feedback",
        message.to_bytes().decode(), key=f"feedback:{sent.pk}", subject_id=row.report_id,
        urgent=kind == "hold",
    )  # fmt: skip
