"""Messages to providers kept during a hold and sent in order when no hold is active."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import batched, groupby

from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.reports.models import UNSHOWN, FeedbackHeld, FeedbackSent, Report
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state import withdrawals
from tutela.reports.state.messages import MESSAGES_AT_ONCE, FeedbackStep, send, that_hear


def keep(actor: Actor, rows: Sequence[Report], said: FeedbackStep) -> None:
    """Keep a step back for those of these reports whose provider hears. Call inside `acting(actor)`."""
    heard = that_hear(rows)
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


def pending_feedback() -> QuerySet[FeedbackHeld]:
    """Feedback kept back and not sent since. Call inside `acting(actor)`."""
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
    for part in batched(free, MESSAGES_AT_ONCE):
        # A withdrawal is a message of its own: what waited before it goes before it.
        for withdrawn, some in groupby(part, lambda row: row.kind == withdrawals.HELD):
            if withdrawn:
                for row in some:
                    withdrawals.tell_of_report(actor, row.report, row.cause, row.reason)
            else:
                send(
                    actor,
                    [(row.report, FeedbackStep(row.kind, row.cause, row.reason, row.reason_code)) for row in some],
                )
    return len(free)


def release_ended(actor: Actor) -> int:
    """Send everything whose hold is over; returns how many messages. For the job that asks every minute."""
    with acting(actor):
        return send_waiting(actor, pending_feedback())
