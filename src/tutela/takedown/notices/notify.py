"""Notices to the host of a case: queue, send, record the answer.

1. A notice needs the verdict "illegal here", a report to the police, and no hold of theirs (`police.police_steps`).
2. It is queued, and can be cancelled until it leaves.
3. Just before it leaves, the host is traced again. If the contact has changed, the notice stops and a person decides.
4. An e-mail carries the notice's own message ID, so that a copy after a crash is known as one.
5. A provider of the directory gets it as a signed message (`provider_messages`), and answers by its own.
6. While a partner hotline works on the case, no notice leaves from here (`partners`).
7. The host's answer is a step. "Removed" is the host's word: only a recheck or a person verifies an absence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown.hotline_message import ActionKind
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.exchange.takedown.web_address import AddressKind
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.takedown import case_changes, enqueue
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import (
    AlreadyLeft,
    AlreadyNotified,
    NoHost,
    NoRecipient,
    NotIllegal,
    NotWaiting,
    UnknownNotice,
    UnknownProvider,
    WithPartner,
)
from tutela.takedown.hosts import host_trace
from tutela.takedown.intake.open_case import address_of, reopen
from tutela.takedown.models import (
    BY_EMAIL,
    WAITING,
    WITH_PARTNER,
    Availability,
    Notice,
    NoticeStep,
    Stage,
    TakedownCase,
    Verdict,
)
from tutela.takedown.models import Channel as Channel
from tutela.takedown.models import StepKind as StepKind
from tutela.takedown.notices import answer_clock, compose
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import schedule

NOTIFY = "takedown.notify"
PREFIX = "N"
CHANGES = {
    StepKind.SENT: ActionKind.REPORTED_TO_HOST,
    StepKind.REMOVED: ActionKind.HOST_SAYS_REMOVED,
    StepKind.DISABLED: ActionKind.HOST_SAYS_REMOVED,
    StepKind.NOT_FOUND: ActionKind.HOST_SAYS_REMOVED,
    StepKind.RESTORED: ActionKind.REAPPEARED,
}
ANSWERS = (StepKind.RECEIVED, StepKind.REMOVED, StepKind.DISABLED, StepKind.REFUSED, StepKind.NOT_FOUND)


@dataclass(frozen=True)
class Recipient:
    """Whom a notice goes to: an e-mail address, a provider, or nobody if it is a file that a person hands over."""

    channel: str = Channel.EMAIL
    email: str = ""
    language: str = "en"
    provider: UUID | None = None


def queue(actor: Actor, case_id: UUID, to: Recipient) -> UUID:
    """Queue a notice to the host of a case; returns its ID. Raises what the module's rules say."""
    actor.require(NOTIFY)

    def work() -> UUID:
        with acting(actor):
            return _queued(actor, rows.locked_open(case_id), to)

    return redrawn(work)


def cancel(actor: Actor, notice_id: UUID) -> None:
    """Cancel a notice that has not left. Raises `AlreadyLeft`."""
    actor.require(NOTIFY)
    with acting(actor):
        row = locked(notice_id)
        if row.state not in (StepKind.QUEUED, StepKind.STOPPED):
            raise AlreadyLeft
        step(actor, row, StepKind.CANCELLED)


def release(actor: Actor, notice_id: UUID) -> None:
    """Let a stopped notice leave to the contact that it names, which a person has checked."""
    actor.require(NOTIFY)
    with acting(actor):
        row = locked(notice_id)
        if row.state != StepKind.STOPPED:
            raise NotWaiting
        step(actor, row, StepKind.QUEUED)
        enqueue.send_notice(actor.organisation_id, row.pk)


def answered(actor: Actor, notice_id: UUID, kind: str, reference: str = "", reason: str = "") -> None:
    """Record the host's answer. Raises `NotWaiting`, `Invalid`."""
    actor.require(NOTIFY)
    if kind not in ANSWERS:
        raise Invalid("Choose the answer of the host.", field="kind")
    with acting(actor):
        answer_step(actor, locked(notice_id), StepKind(kind), reference, reason)


def answer_step(actor: Actor, row: Notice, kind: StepKind, reference: str = "", reason: str = "") -> None:
    """Add the host's answer to a locked notice. Raises `NotWaiting`. Call inside `acting(actor)`."""
    if row.sent_at is None or row.state not in (*WAITING, StepKind.ESCALATED):
        raise NotWaiting
    step(actor, row, kind, reference, reason)


def step(actor: Actor, row: Notice, kind: StepKind, reference: str = "", reason: str = "") -> None:
    """Add a step to a locked notice and go on with its case. Call inside `acting(actor)`."""
    made = NoticeStep(
        organisation_id=actor.organisation_id,
        notice=row,
        kind=kind,
        reference=reference.strip()[:120],
        reason=reason.strip(),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, rows.SUBJECT, row.case_id, made)
    made.save()
    row.state = kind
    if kind == StepKind.SENT:
        row.sent_at = clock.now()
    wait = answer_clock.wait_of(row)
    row.due_at = None if wait is None else clock.now() + wait
    row.save(update_fields=["state", "due_at", "sent_at"])
    _go_on(row.case, kind)
    record(actor, "takedown.notice_step", rows.SUBJECT, row.case_id, notice=row.pk, step=str(kind))
    if kind in CHANGES:
        case_changes.changed(actor, row.case_id, CHANGES[kind])


def notice_of(row: Notice) -> tuple[Wire, str]:
    """The notice as it was composed, and its recipient. Raises `Erased`. Call inside `acting(actor)`."""
    if row.created_at < row.case.sealed_since:
        raise Erased
    said: Any = json.loads(subject_keys.unseal(rows.SUBJECT, row.case_id, bytes(row.sealed), _purpose(row.pk)))
    return Wire.model_validate(said["notice"]), said["to"]


def find(notice_id: UUID) -> Notice:
    """A notice. Raises `UnknownNotice`. Call inside `acting(actor)`."""
    row = Notice.objects.select_related("case").filter(pk=notice_id).first()
    if row is None:
        raise UnknownNotice
    return row


def _queued(actor: Actor, case: TakedownCase, to: Recipient) -> UUID:
    if case.verdict != Verdict.ILLEGAL:
        raise NotIllegal
    if case.kind in (AddressKind.ONION, AddressKind.DECENTRALISED):
        raise NoHost
    police_steps.require_done(case)
    if rows.waits(case):
        raise AlreadyNotified
    if case.transfers.filter(state__in=WITH_PARTNER).exists():
        raise WithPartner
    email = to.email.strip()
    email = email or _contact(case, level_of(case))
    if to.channel in BY_EMAIL and not email:
        raise NoRecipient(field="email")
    if to.channel == Channel.API:
        to, email = replace(to, provider=_known(actor, to.provider)), ""
    row = _composed(actor, case, to, email)
    if not insert_ignore(row):
        raise NumberTaken
    claim.decided(actor, rows.SUBJECT, case.pk)
    record(actor, "takedown.notice_queued", rows.SUBJECT, case.pk, notice=row.pk, channel=to.channel)
    if to.channel == Channel.FILE:
        step(actor, row, StepKind.SENT)
    else:
        enqueue.send_notice(actor.organisation_id, row.pk)
    return row.pk


def _composed(actor: Actor, case: TakedownCase, to: Recipient, email: str) -> Notice:
    """The row of a new notice, not stored yet. After an escalation it goes to the next level."""
    number, sender = case_number(PREFIX), directory.entry(actor.organisation_id)
    earlier = list(_escalated(case).order_by("created_at"))
    row = Notice(
        organisation_id=actor.organisation_id,
        case=case,
        number=number,
        level=level_of(case),
        channel=to.channel,
        provider=case.provider or "",
        recipient_id=to.provider if to.channel == Channel.API else None,
        language=to.language,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    wire = compose.compose(
        number,
        address_of(case),
        (sender.name, _own_contact(sender.id)),
        clock.now(),
        to.language,
        previous=tuple(one.number for one in earlier),
    )
    body = json.dumps({"notice": wire.model_dump(mode="json"), "to": email}).encode()
    row.sealed = subject_keys.seal(actor, rows.SUBJECT, case.pk, body, _purpose(row.pk))
    return row


def level_of(case: TakedownCase) -> int:
    """The level of the next notice: one more for each that was escalated in this round. Call inside `acting(actor)`."""
    return min(_escalated(case).count() + 1, compose.COORDINATING_AUTHORITY)


def _escalated(case: TakedownCase) -> QuerySet[Notice]:
    return rows.notices_of_round(case).filter(steps__kind=StepKind.ESCALATED).distinct()


def _known(actor: Actor, provider: UUID | None) -> UUID:
    """A verified provider to which the organisation holds a key. Raises `UnknownProvider`."""
    listed = {one.id for one in directory.list_organisations(kind="provider") if one.verified}
    if provider is None or provider not in listed or not outbox.has_credential(actor, provider):
        raise UnknownProvider(field="provider")
    return provider


def _own_contact(organisation_id: UUID) -> str:
    """The hotline's e-mail address in the directory; a notice about this subject may be without one (Art. 16(2)(c))."""
    return next((one.email for one in directory.contacts(organisation_id) if one.email), "")


def _contact(case: TakedownCase, level: int) -> str:
    """What the newest trace found for a level: the host's contact, or the registrar's. Others are entered by hand."""
    newest = next((trace for _row, trace in host_trace.traces_of(case.pk)), None)
    if newest is None or level not in (compose.HOST, compose.REGISTRAR):
        return ""
    return next(iter(newest.contacts if level == compose.HOST else newest.registrar_contacts), "")


def _go_on(case: TakedownCase, kind: StepKind) -> None:
    """A sent notice begins the rechecks; the host's word is looked into at once."""
    acted_on = case.stage in (Stage.ACT, Stage.RECHECK)
    if kind == StepKind.SENT:
        case.stage, case.next_check_at = Stage.RECHECK, schedule.first(clock.now())
    elif kind in (StepKind.REMOVED, StepKind.DISABLED, StepKind.NOT_FOUND):
        # What comes late says nothing of a new round, and takes nothing back that was verified.
        if not acted_on:
            return
        case.stage, case.availability, case.next_check_at = Stage.RECHECK, Availability.HOST_SAYS, clock.now()
    elif kind in (StepKind.REFUSED, StepKind.CANCELLED, StepKind.FAILED, StepKind.ESCALATED):
        if not acted_on:
            return
        case.stage = Stage.ACT
    elif kind == StepKind.RESTORED:
        # What was assessed stays so; a person decides what follows.
        if case.stage == Stage.CLOSED:
            verdict = case.verdict
            reopen(case, clock.now())
            case.verdict = verdict
        case.stage, case.availability, case.next_check_at = Stage.ACT, Availability.REAPPEARED, clock.now()
    else:
        return
    case.save(update_fields=["stage", "next_check_at", "availability", "verdict", "round", "reopened_at", "closed_at"])


def locked(notice_id: UUID) -> Notice:
    """A notice with its case, both locked. Raises `UnknownNotice`. Call inside `acting(actor)`."""
    row = find(notice_id)
    rows.locked(row.case_id)
    return Notice.objects.select_for_update().select_related("case").get(pk=row.pk)


def _purpose(notice_id: UUID) -> str:
    return f"takedown:{notice_id}:notice"


def newest_of(actor: Actor, case_id: UUID) -> UUID:
    """The newest notice of a case. Raises `UnknownNotice`."""
    with acting(actor):
        row = Notice.objects.filter(case_id=case_id).order_by("-created_at").values_list("pk", flat=True).first()
    if row is None:
        raise UnknownNotice
    return row


def case_of(actor: Actor, notice_id: UUID) -> UUID:
    """The case of a notice. Raises `UnknownNotice`."""
    with acting(actor):
        return find(notice_id).case_id
