"""Recheck the cases that are due, and store what was found.

1. Cases whose time has come are looked at, outside a transaction, by every vantage point.
2. `findings.judge` says what the answers mean, with the newest of other vantage points (`vantage_points`); each answer
   is a row, in one transaction with its event.
3. A reappearance reopens the case, with its history. A verified absence closes it; it is looked at again for 90 days.
4. A person who may look records an absence or a presence by `seen`.

A process that is killed between the look and its row looks again: the time of the next recheck has not moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import structlog
from django.db.models import F, Max, Model
from django.db.models.functions import Coalesce

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, update_all
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record, rows_of
from tutela.events.transaction import acting
from tutela.exchange.takedown.hotline_message import ActionKind
from tutela.exchange.takedown.look import Answer, Conditions, Watcher
from tutela.exchange.takedown.web_address import WebAddress
from tutela.organisations.errors import Erased
from tutela.takedown import case_changes
from tutela.takedown import case_rows as rows
from tutela.takedown.intake.open_case import address_of, reopen
from tutela.takedown.models import (
    Availability,
    Notice,
    Recheck,
    Stage,
    StepKind,
    TakedownCase,
    TransferState,
    TransferStep,
    TransferStepKind,
    Verdict,
)
from tutela.takedown.rechecks import access_conditions, findings, schedule

log = structlog.get_logger("tutela.takedown")
BATCH = 400
# Looks at the same time: hosts answer slowly or not at all.
THREADS = 32
# Results stored in one transaction. After a crash these are looked at again.
TOGETHER = 50
# Findings that mean that something answers at the address.
ANSWERS = (Availability.UP, Availability.GEO_BLOCKED, Availability.NOT_CHECKABLE)
# What another vantage point saw counts for so long.
FRESH = timedelta(days=2)
UNREADABLE_AGAIN = timedelta(days=1)
TOLD = {Availability.ABSENT: ActionKind.REMOVED, Availability.REAPPEARED: ActionKind.REAPPEARED}
CHANGED = ("stage", "verdict", "round", "availability", "checks", "next_check_at", "closed_at", "reopened_at")


def due(actor: Actor, most: int = BATCH) -> list[UUID]:
    """Cases whose recheck is due, longest due first."""
    with acting(actor):
        found = TakedownCase.objects.filter(next_check_at__lte=clock.now(), erased_at=None)
        return list(found.order_by("next_check_at").values_list("pk", flat=True)[:most])


def recheck_due(actor: Actor, watchers: Sequence[Watcher], most: int = BATCH) -> int:
    """Look at the cases that are due, many at once; returns how many. For a job."""
    with acting(actor):
        cases = list(TakedownCase.objects.filter(pk__in=due(actor, most)))
        wanted = access_conditions.readable(cases)
        left_out = {one.pk for one in cases} - {case for case, *_rest in wanted}
        # What cannot be opened is tried again later, and keeps no other case waiting.
        TakedownCase.objects.filter(pk__in=left_out).update(next_check_at=clock.now() + UNREADABLE_AGAIN)

    def looks(one: tuple[UUID, WebAddress, Conditions]) -> list[Answer]:
        return [_answer(watcher, one[1], one[2]) for watcher in watchers]

    with ThreadPoolExecutor(THREADS) as pool:
        answered = zip(wanted, pool.map(looks, wanted), strict=True)
        while chunk := list(islice(answered, TOGETHER)):
            store_all(actor, {case_id: answers for (case_id, *_rest), answers in chunk})
    return len(wanted)


def _answer(watcher: Watcher, address: WebAddress, conditions: Conditions) -> Answer:
    """What a vantage point sees. Nothing that one address does keeps others waiting."""
    try:
        return watcher.look(address, conditions)
    except Exception:
        log.exception("look failed")
        return Answer(0, "connection")


def recheck(actor: Actor, case_id: UUID, watchers: Sequence[Watcher]) -> Availability | None:
    """Look at one case from all vantage points; returns the finding, None if its contents are gone."""
    with acting(actor):
        case = rows.locked(case_id)
        try:
            address, conditions = address_of(case), access_conditions.conditions_of(case)
        except Erased:
            return None
    answers = [one.look(address, conditions) for one in watchers]
    return store(actor, case_id, answers)


def store(actor: Actor, case_id: UUID, answers: Sequence[Answer]) -> Availability:
    """Store the answers of all vantage points to one recheck. Raises `NotFound`."""
    found = store_all(actor, {case_id: answers})
    if case_id not in found:
        raise NotFound
    return found[case_id]


def store_all(actor: Actor, looks: Mapping[UUID, Sequence[Answer]]) -> dict[UUID, Availability]:
    """Store the answers to rechecks of many cases in one transaction; returns the findings of those that there are."""
    with acting(actor):
        cases = list(TakedownCase.objects.select_for_update().filter(pk__in=looks).order_by("pk"))
        said, noticed = _hosts_say(cases), _noticed(cases)
        others = _other_looks(looks, said)
        made, findings_of = list[Model](), dict[UUID, Availability]()
        before = {case.pk: case.availability for case in cases}
        for case in cases:
            answers = looks[case.pk]
            every = [*answers, *others.get(case.pk, ())]
            found = findings.judge(every, case.availability, host_says=case.pk in said)
            made += [_row(actor, case, found, one) for one in answers]
            made += rows_of(actor, "takedown.rechecked", rows.SUBJECT, case.pk, finding=str(found))
            findings_of[case.pk] = found
            _go_on(case, found, noticed.get(case.pk))
        insert_all(made)
        update_all(cases, CHANGED)
        no_reminders(one for one in cases if one.stage == Stage.CLOSED)
        for case_id, found in findings_of.items():
            if found in TOLD and found != before[case_id]:
                case_changes.changed(actor, case_id, TOLD[found])
    return findings_of


def seen(actor: Actor, case_id: UUID, *, absent: bool) -> Availability:
    """Record what a person saw who may look: the content is gone, or it is there."""
    actor.require("takedown.assess")
    with acting(actor):
        case = rows.locked(case_id)
        if case.stage == Stage.ASSESS:
            raise Invalid("Assess the case first.", field="absent")
        found = Availability.ABSENT if absent else _there(case)
        _stored(actor, case, found, by_person=True)
    return found


def found_by_partner(actor: Actor, case: TakedownCase, found: Availability) -> None:
    """Store what a partner hotline verified about a locked case. Call inside `acting(actor)`."""
    _stored(actor, case, found, by_partner=True)


def _stored(actor: Actor, case: TakedownCase, found: Availability, **said: Any) -> None:
    before = case.availability
    Recheck.objects.create(
        organisation_id=actor.organisation_id, case=case, finding=found, by=actor.reference, by_name=actor.name[:200]
    )
    _go_on(case, found, _noticed([case]).get(case.pk))
    case.save(update_fields=CHANGED)
    no_reminders([case] if case.stage == Stage.CLOSED else ())
    record(actor, "takedown.rechecked", rows.SUBJECT, case.pk, finding=str(found), **said)
    if found in TOLD and found != before:
        case_changes.changed(actor, case.pk, TOLD[found])


def _row(actor: Actor, case: TakedownCase, found: Availability, one: Answer) -> Recheck:
    return Recheck(
        organisation_id=actor.organisation_id,
        created_at=one.at or clock.now(),
        case=case,
        vantage=one.vantage,
        country=one.country,
        status=one.status,
        fault=one.fault,
        finding=found,
        by=actor.reference,
        by_name=actor.name[:200],
    )


def _hosts_say(cases: Sequence[TakedownCase]) -> dict[UUID, datetime]:
    """When the host of each case said last that it removed the content, here or to a partner hotline, if it did.

    What it said before a reappearance no longer counts.
    """
    since = {case.pk: case.reopened_at for case in cases}
    said = (StepKind.REMOVED, StepKind.DISABLED, StepKind.NOT_FOUND)
    standing = Notice.objects.exclude(state=StepKind.RESTORED).filter(case__in=since, steps__kind__in=said)
    answered = list(standing.values_list("case_id", "created_at").annotate(said=Max("steps__created_at")))
    there = (TransferStepKind.HOST_SAYS_REMOVED, TransferStepKind.REMOVED)
    # What a partner says of a case that was taken back from it, or that it refused, does not count.
    told = TransferStep.objects.filter(transfer__case__in=since, kind__in=there)
    told = told.exclude(transfer__state__in=(TransferState.WITHDRAWN, TransferState.REFUSED))
    answered += [(case, at, at) for case, at in told.values_list("transfer__case_id", "created_at")]
    found = dict[UUID, datetime]()
    for case, made, at in answered:
        if (reopened := since[case]) is None or made >= reopened:
            found[case] = max(at, found.get(case, at))
    return found


def last_words(case_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Up to when what somebody saw of these cases says nothing any more: they were closed, reopened, or the host
    answered. Call inside `acting(actor)`; the cases are locked.
    """
    cases = list(TakedownCase.objects.select_for_update().filter(pk__in=list(case_ids)).order_by("pk"))
    said = _hosts_say(cases)
    moments = {one.pk: (one.closed_at, one.reopened_at, said.get(one.pk)) for one in cases}
    return {pk: max(known) for pk, some in moments.items() if (known := [one for one in some if one is not None])}


def _other_looks(looks: Mapping[UUID, Sequence[Answer]], said: Mapping[UUID, datetime]) -> dict[UUID, list[Answer]]:
    """The newest answers of the vantage points that did not look now, if they are fresh.

    What they saw before the host said that it is gone does not speak against that.
    """
    known = Recheck.objects.filter(case__in=looks, created_at__gte=clock.now() - FRESH).exclude(status=0, fault="")
    known = known.filter(created_at__gte=Coalesce(F("case__reopened_at"), F("case__created_at")))
    newest = known.order_by("case", "vantage", "-created_at", "-pk").distinct("case", "vantage")
    found = dict[UUID, list[Answer]]()
    for row in newest:
        now = {one.vantage for one in looks[row.case_id]}
        if row.vantage not in now and row.created_at >= said.get(row.case_id, row.created_at):
            found.setdefault(row.case_id, []).append(Answer(row.status, row.fault, row.vantage, row.country))
    return found


def _noticed(cases: Sequence[TakedownCase]) -> dict[UUID, datetime]:
    """When the newest notice of each case left."""
    sent = Notice.objects.filter(case__in=cases).exclude(sent_at=None).values_list("case_id")
    return dict(sent.annotate(newest=Max("sent_at")))


def no_reminders(cases: Iterable[TakedownCase]) -> None:
    """Nobody is reminded of cases that are closed. Call inside `acting(actor)`."""
    if found := list(cases):
        Notice.objects.filter(case__in=found).exclude(due_at=None).update(due_at=None)


def _there(case: TakedownCase) -> Availability:
    """A person sees it there: again, if the case was closed because it was gone."""
    closed = case.stage == Stage.CLOSED and case.verdict != Verdict.LEGAL
    return Availability.REAPPEARED if closed or case.availability == Availability.ABSENT else Availability.UP


def _go_on(case: TakedownCase, found: Availability, noticed: datetime | None) -> None:
    """What a finding means for its case, about which a notice left last at `noticed`. The caller saves `CHANGED`."""
    now = clock.now()
    began = case.availability != found
    case.availability, case.checks = found, case.checks + 1
    if case.stage == Stage.ASSESS:
        # A person looks first: no recheck closes what nobody has assessed.
        case.next_check_at = None
    elif found == Availability.ABSENT:
        if began or case.closed_at is None:
            case.stage, case.closed_at = Stage.CLOSED, now
        case.next_check_at = schedule.after_absence(now, case.closed_at or now)
    elif found == Availability.REAPPEARED and case.stage == Stage.CLOSED:
        verdict = case.verdict
        reopen(case, now)
        # What was assessed stays so; a notice is due at once.
        case.availability = found
        if verdict == Verdict.ILLEGAL:
            case.stage, case.verdict, case.next_check_at = Stage.ACT, verdict, schedule.first(now)
    elif case.stage == Stage.CLOSED:
        case.next_check_at = None
    elif case.verdict == Verdict.UNREACHABLE and found in ANSWERS:
        # It could not be assessed, and now it can.
        reopen(case, now)
        case.availability = found
    else:
        case.next_check_at = schedule.following(now, noticed or case.reopened_at or case.reported_at)
