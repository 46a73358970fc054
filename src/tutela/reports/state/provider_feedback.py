"""Feedback to a provider about its report, once per cause, and feedback kept during a hold.

A provider learns only: received, relevant or not with its reason, closed, a question, and the end of a hold. During a
hold the provider learns nothing but that hold and the receipt (CSAR 48(6)-(7)). Kept feedback is sent in its order when
no hold is active. The signed receipt in the answer states that a report was received: no other message is sent for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.exchange.report.feedback import FeedbackKind
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.reports.models import Assessment, FeedbackSent, Report
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state.hold_queue import keep, pending_feedback, send_waiting
from tutela.reports.state.messages import MESSAGES_AT_ONCE, FeedbackStep, filed_as_of, send, that_hear

# The act of ending a hold whose authority is gone; it needs a second person.
END_OF_HOLD = "hold.end"


def held(row: Report) -> Any:
    """The hold that stands about a report or the one that it repeats; None without. Call inside `acting(actor)`."""
    return holds.held("report", (row.duplicate_of or row).report_id)


def tell(actor: Actor, row: Report, kind: str, reason: str = "", *, code: str = "", cause: UUID) -> None:
    """Send one step to the provider, or keep it until the hold is over. Call inside `acting(actor)`."""
    _tell(actor, [row], FeedbackStep(kind, cause, reason, code), during_hold=held(row) is not None)


def tell_all(actor: Actor, row: Report, kind: str, reason: str = "", *, code: str = "", cause: UUID) -> None:
    """Send one step, as `tell`, for a report and all its duplicates: each has its own id at the provider.

    Each thousand reports take as many statements as one report does.
    """
    during_hold = held(row) is not None
    for part in _with_repeats(row):
        _tell(actor, part, FeedbackStep(kind, cause, reason, code), during_hold=during_hold)


def tell_hold(actor: Actor, row: Report) -> None:
    """Notify the provider of the current hold, for every copy: until when the user is not notified, and content kept.

    If no hold is left, the notice ends the earlier hold as of now.
    """
    subject = (row.duplicate_of or row).report_id
    hold, content = holds.held("report", subject), holds.content_kept("report", subject)
    until = hold.until if hold else clock.now()
    for part in _with_repeats(row):
        told = [(one, FeedbackStep(FeedbackKind.HOLD, uuid7(), until=until, content_until=content)) for one in part]
        # Before anything else that is on its way: it must be known to be kept.
        send(actor, told, urgent=True)


def _with_repeats(row: Report) -> Iterator[list[Report]]:
    """Yield a report and its duplicates in batches, without their contents."""
    yield [row]
    repeats = row.duplicates.only("organisation_id", "report_id", "provider_id", "duplicate_of").order_by("pk")
    for part in batched(repeats.iterator(chunk_size=MESSAGES_AT_ONCE), MESSAGES_AT_ONCE):
        for one in part:
            one.duplicate_of = row
        yield [*part]


def _tell(actor: Actor, rows: Sequence[Report], said: FeedbackStep, *, during_hold: bool) -> None:
    """Tell a report, or several that repeat one and the same."""
    if during_hold:
        keep(actor, rows, said)
        return
    send_waiting(actor, pending_feedback().filter(report__in=[one.pk for one in rows]))
    send(actor, [(one, said) for one in rows])


def status_of(row: Report) -> dict[str, object]:
    """Notices sent to a provider about its report, and active holds, as it asks for them.

    Call inside `acting(actor)`.
    """
    told = list(row.feedback.order_by("created_at", "id"))
    subject_keys.open_words(SUBJECT, row.report_id, told)
    codes = dict(Assessment.objects.filter(pk__in=[one.cause for one in told]).values_list("pk", "reason_code"))
    subject = (row.duplicate_of or row).report_id
    hold, content = holds.held(SUBJECT, subject), holds.content_kept(SUBJECT, subject)
    return {
        "filed_as": filed_as_of([row]).get(row.report_id),
        "held_until": _moment(hold.until if hold else None),
        "content_held_until": _moment(content),
        "told": [_said(one, codes.get(one.cause, "") if one.cause else "") for one in told],
    }


def _said(one: FeedbackSent, code: str) -> dict[str, str]:
    said: dict[str, str | None] = {
        "kind": one.kind,
        "at": _moment(one.created_at),
        "reason_code": code,
        "reason": one.reason,
        "until": _moment(one.until),
        "content_until": _moment(one.content_until),
    }
    return {name: value for name, value in said.items() if value}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def answers(row: Report) -> bool:
    """Return whether a report's sender is a provider that receives and answers messages.

    An organisation that only forwarded the report does not.
    """
    return row.provider_id in that_hear([row])
