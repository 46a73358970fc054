"""Send queued notices by e-mail or as messages, and reminders when a host does not answer. For jobs."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.takedown.arf import MailInvalidError
from tutela.law import holds
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import CaseClosed
from tutela.takedown.hosts import host_trace
from tutela.takedown.models import BY_EMAIL, Channel, Notice, StepKind, Verdict
from tutela.takedown.notices import notice_email, notify, provider_messages

log = structlog.get_logger("tutela.takedown")
# A queued notice leaves by its own job; what is older is swept up.
SWEPT_AFTER = timedelta(minutes=2)
MOST_AT_ONCE = 200
FAILURES = (OSError, smtplib.SMTPException, ValueError, MailInvalidError)


def send(
    actor: Actor, notice_id: UUID, retrace: Callable[[Actor, UUID], host_trace.Trace] = host_trace.trace
) -> StepKind | None:
    """Send a queued notice; returns the step, None if it is no longer queued or a hold stands.

    The host is traced again first. A contact that the person did not see stops the notice, once.
    """
    with acting(actor):
        row = notify.find(notice_id)
        if row.state != StepKind.QUEUED or holds.content_kept(rows.SUBJECT, row.case_id):
            return None
        before = _contacts(row)
        released = row.steps.filter(kind=StepKind.STOPPED).exists()
    try:
        found = retrace(actor, row.case_id)
    except CaseClosed:
        return _stepped(actor, notice_id, StepKind.CANCELLED)
    if before and found.contacts and set(before) != set(found.contacts) and not released:
        return _stepped(actor, notice_id, StepKind.STOPPED)
    if not _still_wanted(actor, notice_id):
        return None
    if row.channel == Channel.API:
        return _handed_over(actor, notice_id)
    return _stepped(actor, notice_id, StepKind.SENT if _mailed(actor, notice_id) else StepKind.FAILED)


def _still_wanted(actor: Actor, notice_id: UUID) -> bool:
    """Asked again after the trace: whether the notice is queued, its case illegal, and no hold stands."""
    with acting(actor):
        row = notify.locked(notice_id)
        if row.state != StepKind.QUEUED or holds.content_kept(rows.SUBJECT, row.case_id):
            return False
        if row.case.verdict != Verdict.ILLEGAL:
            notify.step(actor, row, StepKind.CANCELLED)
            return False
    return True


def left(actor: Actor) -> list[UUID]:
    """Queued notices whose own job is over: a hold stood then, or the job was lost."""
    with acting(actor):
        queued = Notice.objects.filter(state=StepKind.QUEUED, created_at__lte=clock.now() - SWEPT_AFTER)
        waiting = queued.order_by("created_at").values_list("pk", "case_id")[:MOST_AT_ONCE]
        return [pk for pk, case in waiting if holds.content_kept(rows.SUBJECT, case) is None]


def remind(actor: Actor) -> int:
    """Send reminders that are due; returns how many notices went on. After the reminder a person escalates.

    A notice that a person handed over has no reminder.
    """
    with acting(actor):
        due = Notice.objects.filter(due_at__lte=clock.now()).select_related("case").order_by("due_at")[:MOST_AT_ONCE]
        waiting = [row for row in due if not holds.content_kept(rows.SUBJECT, row.case_id)]
    return sum(_remind(actor, row) for row in waiting)


def _remind(actor: Actor, row: Notice) -> bool:
    # The outbox repeats a message by itself. A provider that is silent, and a notice by hand, are escalated.
    again = row.state == StepKind.SENT and row.channel in BY_EMAIL
    if again and not _mailed(actor, row.pk):
        return False
    kind = StepKind.REMINDED if again else StepKind.ESCALATED
    return _stepped(actor, row.pk, kind) is not None


def _handed_over(actor: Actor, notice_id: UUID) -> StepKind | None:
    """The step of a notice that leaves as a message; None if a twin was faster."""
    with acting(actor):
        row = notify.locked(notice_id)
        if row.state != StepKind.QUEUED:
            return None
        kind = provider_messages.send(actor, row)
        notify.step(actor, row, kind)
    return kind


def _mailed(actor: Actor, notice_id: UUID) -> bool:
    """Whether the mail server accepted the notice; a failure is logged without an address."""
    try:
        with acting(actor):
            row = notify.find(notice_id)
            wire, to = notify.notice_of(row)
            if not to:
                return False
            build = notice_email.arf_email if row.channel == Channel.ARF else notice_email.email
            made = build(wire, to, row)
        made.send()
    except FAILURES as error:
        log.warning("notice not sent", notice=str(notice_id), error=type(error).__name__)
        return False
    return True


def _contacts(row: Notice) -> tuple[str, ...]:
    found = host_trace.traces_of(row.case_id)
    return found[0][1].contacts if found else ()


def _stepped(actor: Actor, notice_id: UUID, kind: StepKind) -> StepKind:
    with acting(actor):
        row = notify.locked(notice_id)
        notify.step(actor, row, kind)
    return kind
