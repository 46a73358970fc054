"""Send queued notices by e-mail or as messages, and reminders when a host does not answer. For jobs."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from django.db.models import CharField, Exists, F, Max, OuterRef, QuerySet
from django.db.models.functions import Cast, Coalesce

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.takedown.arf import MailInvalidError
from tutela.law import holds
from tutela.takedown import case_rows as rows
from tutela.takedown import enqueue
from tutela.takedown.errors import CaseClosed
from tutela.takedown.hosts import host_trace
from tutela.takedown.models import BY_EMAIL, Channel, Notice, Stage, StepKind, Verdict
from tutela.takedown.notices import answer_clock, notice_email, notify, provider_messages

log = structlog.get_logger("tutela.takedown")
# A queued notice leaves by its own job; what is older is swept up.
SWEPT_AFTER = timedelta(minutes=2)
MOST_AT_ONCE = 200
# A reminder that the mail server refused is tried again after so long.
TRIED_AGAIN = timedelta(hours=1)
QUEUED, LEAVING = (StepKind.QUEUED,), (StepKind.QUEUED, StepKind.CANCELLED)
FAILURES = (OSError, smtplib.SMTPException, ValueError, MailInvalidError)


def send(
    actor: Actor, notice_id: UUID, retrace: Callable[[Actor, UUID], host_trace.Trace] = host_trace.trace
) -> StepKind | None:
    """Send a queued notice; returns the step, None if it is no longer queued or a hold stands.

    The host is traced again first. A contact that the person did not see stops the notice, once. Two runs for one
    notice never overlap: its job has a lock of its own (`enqueue`).
    """
    with acting(actor):
        row = notify.find(notice_id)
        if row.state != StepKind.QUEUED or holds.content_kept(rows.SUBJECT, row.case_id):
            return None
        seen = _contacts(row)
        released = row.steps.filter(kind=StepKind.STOPPED).exists()
    try:
        found = retrace(actor, row.case_id)
    except CaseClosed:
        return _stepped(actor, notice_id, StepKind.CANCELLED, QUEUED)
    if seen and found.contacts and set(seen) != set(found.contacts) and not released:
        return _stepped(actor, notice_id, StepKind.STOPPED, QUEUED)
    if not _still_wanted(actor, notice_id):
        return None
    if row.channel == Channel.API:
        return _handed_over(actor, notice_id)
    # A notice that was cancelled while it left has left.
    sent = _mailed(actor, notice_id)
    return _stepped(actor, notice_id, StepKind.SENT, LEAVING) if sent else _failed(actor, notice_id)


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


def _failed(actor: Actor, notice_id: UUID) -> StepKind | None:
    return _stepped(actor, notice_id, StepKind.FAILED, QUEUED)


def left(actor: Actor) -> list[UUID]:
    """Enqueue again, and return, queued notices whose own job is over: a hold stood then, or the job was lost."""
    with acting(actor):
        newest = Coalesce(Max("steps__created_at"), F("created_at"))
        queued = Notice.objects.filter(state=StepKind.QUEUED).annotate(since=newest)
        old = queued.filter(since__lte=clock.now() - SWEPT_AFTER).exclude(_held()).order_by("created_at")
        found = list(old.values_list("pk", flat=True)[:MOST_AT_ONCE])
        for pk in found:
            enqueue.send_notice(actor.organisation_id, pk)
    return found


def remind(actor: Actor) -> int:
    """Send reminders that are due; returns how many notices went on. After the reminder a person escalates.

    Time under a hold does not count. A notice that a person handed over has no reminder, and one that the mail server
    refuses for two days is escalated without it.
    """
    with acting(actor):
        found = list(_due().values_list("pk", flat=True)[:MOST_AT_ONCE])
    return sum(_remind(actor, pk) for pk in found)


def _due() -> QuerySet[Notice]:
    wanted = Notice.objects.filter(case__stage=Stage.RECHECK, case__verdict=Verdict.ILLEGAL)
    return wanted.filter(due_at__lte=clock.now()).exclude(_held()).order_by("due_at")


def _remind(actor: Actor, notice_id: UUID) -> bool:
    """Remind or escalate, if it is still due; returns whether the notice went on."""
    now = clock.now()
    with acting(actor):
        row = notify.locked(notice_id)
        if not _due().filter(pk=row.pk).exists():
            return False
        due = answer_clock.due_of(row, now)
        if due is not None and due > now:
            row.due_at = due
            row.save(update_fields=["due_at"])
            return False
        # The outbox repeats a message by itself. A provider that is silent, and a notice by hand, are escalated.
        if (
            row.state != StepKind.SENT
            or row.channel not in BY_EMAIL
            or (due and now - due > answer_clock.ESCALATE_AFTER)
        ):
            notify.step(actor, row, StepKind.ESCALATED)
            return True
    if _mailed(actor, notice_id):
        return _stepped(actor, notice_id, StepKind.REMINDED, (StepKind.SENT,)) is not None
    with acting(actor):
        Notice.objects.filter(pk=notice_id, state=StepKind.SENT).update(due_at=now + TRIED_AGAIN)
    return False


def _held() -> Exists:
    """Notices about cases whose contents the police ask to keep now."""
    held = holds.in_effect(rows.SUBJECT).filter(content_until__gt=clock.now()).values_list("subject_id", flat=True)
    return Exists(held.filter(subject_id=Cast(OuterRef("case_id"), CharField())))


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
    """Contacts of the trace that the person saw who queued the notice."""
    seen = (trace for made, trace in host_trace.traces_of(row.case_id) if made.created_at <= row.created_at)
    found = next(seen, None)
    return found.contacts if found else ()


def _stepped(actor: Actor, notice_id: UUID, kind: StepKind, expected: Sequence[StepKind]) -> StepKind | None:
    """Add a step, unless the notice has gone on meanwhile: then None."""
    with acting(actor):
        row = notify.locked(notice_id)
        if row.state not in expected:
            return None
        notify.step(actor, row, kind)
    return kind
