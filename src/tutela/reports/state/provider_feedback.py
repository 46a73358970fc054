"""What a provider is told of its report, once for each cause, and what waits while a hold stands.

A provider learns only: received, relevant or not with its reason, closed, a question, and until when a hold lasts; and
during a hold nothing but that hold and the receipt (CSAR 48(6)-(7)). What waits is sent in its order when no hold
stands any longer. That a report was received the signed receipt says, with the answer: nothing else is sent of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, groupby
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback, FeedbackKind
from tutela.exchange.report.unfounded_reasons import UnfoundedReason
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import Kind
from tutela.reports.models import UNSHOWN, Assessment, CyberTip, FeedbackHeld, FeedbackSent, Report
from tutela.reports.sealing import SUBJECT
from tutela.reports.state import withdrawals

# A question travels as feedback of this kind, with the question as its reason (CSAR 48(4)).
QUESTION = "question"
# Of a flood a decision is told for tens of thousands: so many at once. A statement takes 65,535 values.
TOGETHER = 1000


@dataclass(frozen=True)
class Said:
    """One step, as it is told; `cause` is what it follows from."""

    kind: str
    cause: UUID
    reason: str = ""
    code: str = ""
    until: datetime | None = None
    content_until: datetime | None = None


def held(row: Report) -> Any:
    """The hold that stands about a report or the one that it repeats; None without. Call inside `acting(actor)`."""
    return holds.held("report", (row.duplicate_of or row).report_id)


def tell(actor: Actor, row: Report, kind: str, reason: str = "", *, code: str = "", cause: UUID) -> None:
    """Send one step to the provider, or keep it until the hold is over. Call inside `acting(actor)`."""
    _tell(actor, [row], Said(kind, cause, reason, code), during_hold=held(row) is not None)


def tell_all(actor: Actor, row: Report, kind: str, reason: str = "", *, code: str = "", cause: UUID) -> None:
    """The same for a report and every one that repeats it: each has its own id at the provider.

    However many they are, each thousand takes as many statements as one report does.
    """
    during_hold = held(row) is not None
    for part in _with_repeats(row):
        _tell(actor, part, Said(kind, cause, reason, code), during_hold=during_hold)


def tell_hold(actor: Actor, row: Report) -> None:
    """Say what is held now, for every copy: until when the user is not told, and the content not removed.

    Where nothing is held any longer, this moment ends the earlier hold.
    """
    subject = (row.duplicate_of or row).report_id
    hold, content = holds.held("report", subject), holds.content_kept("report", subject)
    until = hold.until if hold else clock.now()
    for part in _with_repeats(row):
        told = [(one, Said(FeedbackKind.HOLD, uuid7(), until=until, content_until=content)) for one in part]
        # Before anything else that is on its way: it must be known to be kept.
        _send(actor, told, urgent=True)


def _with_repeats(row: Report) -> Iterator[list[Report]]:
    """A report and what repeats it, a part at a time and without what they say."""
    yield [row]
    repeats = row.duplicates.only("organisation_id", "report_id", "provider_id", "duplicate_of").order_by("pk")
    for part in batched(repeats.iterator(chunk_size=TOGETHER), TOGETHER):
        for one in part:
            one.duplicate_of = row
        yield [*part]


def _tell(actor: Actor, rows: Sequence[Report], said: Said, *, during_hold: bool) -> None:
    """Tell a report, or several that repeat one and the same."""
    if during_hold:
        _keep(actor, rows, said)
        return
    send_waiting(actor, waiting().filter(report__in=[one.pk for one in rows]))
    _send(actor, [(one, said) for one in rows])


def _keep(actor: Actor, rows: Sequence[Report], said: Said) -> None:
    heard = _that_hear(rows)
    kept = [
        FeedbackHeld(
            organisation_id=actor.organisation_id,
            report=one,
            kind=said.kind,
            cause=said.cause,
            reason=said.reason,
            reason_code=said.code,
        )
        for one in rows
        if one.provider_id in heard
    ]
    subject_keys.seal_words_all(actor, SUBJECT, [(one.report.report_id, one) for one in kept])
    insert_all(kept)


def waiting() -> QuerySet[FeedbackHeld]:
    """What was kept back and not sent since. Call inside `acting(actor)`."""
    sent = FeedbackSent.objects.filter(report=OuterRef("report"), kind=OuterRef("kind"), cause=OuterRef("cause"))
    rows = FeedbackHeld.objects.select_related("report", "report__duplicate_of").filter(~Exists(sent))
    # What the reports say is not asked for.
    unshown = [f"{of}__{name}" for of in ("report", "report__duplicate_of") for name in UNSHOWN]
    return rows.defer(*unshown).order_by("created_at", "id")


def send_waiting(actor: Actor, rows: QuerySet[FeedbackHeld]) -> int:
    """Send of these what no hold keeps back any longer; returns how many. Call inside `acting(actor)`."""
    main = Coalesce(OuterRef("report__duplicate_of__report_id"), OuterRef("report__report_id"))
    holding = holds.in_effect("report").filter(subject_id=Cast(main, TextField()))
    free = list(rows.filter(~Exists(holding)))
    subject_keys.open_words_all(SUBJECT, [(row.report.report_id, row) for row in free])
    for part in batched(free, TOGETHER):
        # A withdrawal is a message of its own: what waited before it goes before it.
        for withdrawn, some in groupby(part, lambda row: row.kind == withdrawals.HELD):
            if withdrawn:
                for row in some:
                    withdrawals.tell_of_report(actor, row.report, row.cause, row.reason)
            else:
                _send(actor, [(row.report, Said(row.kind, row.cause, row.reason, row.reason_code)) for row in some])
    return len(free)


def status_of(row: Report) -> dict[str, object]:
    """What a provider was told of its report and what is held now, as it asks for it. Call inside `acting(actor)`."""
    told = list(row.feedback.order_by("created_at", "id"))
    subject_keys.open_words(SUBJECT, row.report_id, told)
    codes = dict(Assessment.objects.filter(pk__in=[one.cause for one in told]).values_list("pk", "reason_code"))
    subject = (row.duplicate_of or row).report_id
    hold, content = holds.held(SUBJECT, subject), holds.content_kept(SUBJECT, subject)
    return {
        "filed_as": _filed_as([row]).get(row.report_id),
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
    """Whether a provider stands behind a report that hears and answers; whoever only brought it does not."""
    return row.provider_id in _that_hear([row])


def _that_hear(rows: Iterable[Report]) -> set[UUID]:
    """Of who filed some reports, those who are providers and hear what becomes of them."""
    return {one for one in {row.provider_id for row in rows} if directory.entry(one).kind == Kind.PROVIDER}


def _filed_as(rows: Iterable[Report]) -> dict[UUID, str]:
    """By report: the number by which its provider knows what it filed by the CyberTipline interface."""
    tips = CyberTip.objects.filter(report_id__in=[one.report_id for one in rows])
    return {report_id: str(number) for report_id, number in tips.values_list("report_id", "number")}


def release_ended(actor: Actor) -> int:
    """Send everything whose hold is over; returns how many messages. For the job that asks every minute."""
    with acting(actor):
        return send_waiting(actor, waiting())


def _send(actor: Actor, words: Sequence[tuple[Report, Said]], *, urgent: bool = False) -> None:
    """Send what is said of some reports, each once a cause, in their order; a handful of statements for all."""
    heard = _that_hear(row for row, _said in words)
    sent = [(row, said, _row(actor, row, said)) for row, said in words if row.provider_id in heard]
    subject_keys.seal_words_all(actor, SUBJECT, [(row.report_id, one) for row, _said, one in sent])
    known = {one.pk for one in insert_all(one for _row, _said, one in sent)}
    new = [(row, said, one) for row, said, one in sent if one.pk not in known]
    numbers = _filed_as(row for row, _said, _one in new) if new else {}
    messages = [
        outbox.Message(
            row.provider_id,
            f"/api/v1/organisations/{row.provider_id}/feedback",
            _message(actor, row, said, numbers.get(row.report_id)),
            f"feedback:{one.pk}",
            str(row.report_id),
        )
        for row, said, one in new
    ]
    if messages:
        outbox.send_all(actor, "feedback", messages, urgent=urgent)


def _row(actor: Actor, row: Report, said: Said) -> FeedbackSent:
    return FeedbackSent(
        organisation_id=actor.organisation_id,
        report=row,
        kind=said.kind,
        cause=said.cause,
        reason=said.reason,
        until=said.until,
        content_until=said.content_until,
    )


def _message(actor: Actor, row: Report, said: Said, filed_as: str | None) -> str:
    message = Feedback(
        feedback_id=uuid7(),
        report_id=row.report_id,
        reason=said.reason or None,
        at=clock.now(),
        until=said.until,
        content_until=said.content_until,
        kind=FeedbackKind.RECEIVED if said.kind == QUESTION else FeedbackKind(said.kind),
        centre=actor.organisation_name,
        reason_code=UnfoundedReason(said.code) if said.code else None,
        filed_as=filed_as,
    )
    return message.to_bytes().decode()
