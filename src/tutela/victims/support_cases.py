"""Information requests and support cases, as the shared parts know them: cases, search, alerts, retention."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts import escalation
from tutela.casework.alerts.schedule import AlertState, histories
from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.casework.anonymous import inbox
from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.law.clock_kinds import KINDS as CLOCKS
from tutela.victims.information import rows as information
from tutela.victims.models import Asker, InformationRequest, InformationStage, Notify, SupportCase, SupportStage
from tutela.victims.support import rows as support

LOOKED_AT, MOST_AT_ONCE = 200, 2000
KINDS = frozenset({ValueKind.NUMBER, ValueKind.ID})
# Name of the page of each kind, by its subject.
PAGES = {information.SUBJECT: "information_request", support.SUBJECT: "support_case"}
type Row = InformationRequest | SupportCase


def late_requests() -> QuerySet[InformationRequest]:
    """Information requests after their deadline. Call inside `acting(actor)`."""
    return InformationRequest.objects.filter(stage=InformationStage.OPEN, due_at__lte=clock.now())


def late_cases() -> QuerySet[SupportCase]:
    """Support cases that nobody began in time. Call inside `acting(actor)`."""
    return SupportCase.objects.filter(stage=SupportStage.NEW, due_at__lte=clock.now())


def raise_new(actor: Actor) -> int:
    """Raise the first alert about each late request and case; returns how many. For a job."""
    count = 0
    with acting(actor):
        for subject, late in ((information.SUBJECT, late_requests()), (support.SUBJECT, late_cases())):
            ids = list(late.order_by("due_at", "pk").values_list("pk", flat=True))
            known = histories(subject, ids)
            for one in ids:
                if one not in known:
                    escalation.raise_first(actor, subject, one)
                    count += 1
    return count


def erase_information(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Answered information requests that no hold keeps, and whose person does not wait to be told of sightings."""
    closed = InformationRequest.objects.filter(stage=InformationStage.CLOSED, closed_at__lte=before)
    due = closed.exclude(asker=Asker.SELF, notify=Notify.NOTIFY)
    yield from _erased(information.SUBJECT, due, information.erase)


def erase_support(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Support cases that were closed, with their identities."""
    closed = SupportCase.objects.filter(stage=SupportStage.CLOSED, closed_at__lte=before)
    yield from _erased(support.SUBJECT, closed, support.erase)


def erase_withdrawn(actor: Actor) -> int:
    """Erase what its person withdrew, and a hold kept until now; returns how many. For a job."""
    with acting(actor):
        requests = InformationRequest.objects.filter(withdrawn_at__isnull=False)
        cases = SupportCase.objects.filter(withdrawn_at__isnull=False)
        found = [
            *_erased(information.SUBJECT, requests, information.erase),
            *_erased(support.SUBJECT, cases, support.erase),
        ]
    return len(found)


def _erased(subject: str, due: QuerySet[Any], erase: Callable[[Any], None]) -> Iterator[tuple[str, str]]:
    """Erase rows of which no hold keeps the contents; each is locked, because it may be opened again meanwhile."""
    kept = holds.in_effect(subject).values_list("subject_id", flat=True)
    waiting = due.filter(erased_at=None).exclude(pk__in=[UUID(one) for one in kept])
    for pk in list(waiting.order_by("closed_at").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        row = waiting.select_for_update().filter(pk=pk).first()
        if row is not None and holds.held(subject, pk) is None:
            erase(row)
            yield subject, str(pk)


def _cases(subject: str, model: Any) -> Any:
    def find(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
        found = model.objects.filter(pk__in=list(ids)).values_list("pk", "number", "erased_at")
        return {
            pk: Case(number, reverse(PAGES[subject], args=[pk]), erased is not None) for pk, number, erased in found
        }

    return find


def _next(subject: str, model: Any, stage: str) -> Any:
    def following(actor: Actor, without: Collection[UUID]) -> NextCase | None:
        waiting = model.objects.filter(stage=stage).order_by("due_at", "id")[:LOOKED_AT]
        row = next((one for one in waiting if one.pk not in without), None)
        if row is None:
            return None
        return NextCase(row.pk, row.number, reverse(PAGES[subject], args=[row.pk]), received_at=row.received_at)

    return following


def _finder(subject: str, model: Any) -> Any:
    def find(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
        numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
        wanted = Q(number__in=numbers) | Q(pk__in=ids)
        if numbers:
            # The person knows only the number of the conversation.
            wanted |= Q(conversation_id__in=inbox.ids_of(numbers))
        found = model.objects.filter(wanted).order_by("-received_at", "-pk")[:most]
        return [
            Found(
                subject,
                one.pk,
                one.number,
                reverse(PAGES[subject], args=[one.pk]),
                one.get_stage_display(),
                one.received_at,
            )
            for one in found
        ]

    return find


def _alerts(subject: str, clock_kind: str, late: Any) -> Any:
    def pending() -> Iterable[AlertState]:
        found = list(late())
        known = histories(subject, (one.pk for one in found))
        length = CLOCKS[clock_kind].length
        return [
            AlertState(
                subject_kind=subject,
                subject_id=one.pk,
                history=known[one.pk],
                due=length.after(known[one.pk].restarted or known[one.pk].first or clock.now()),
                came_at=one.received_at,
                number=one.number,
            )
            for one in found
            if one.pk in known
        ]

    return pending


def _lock(model: Any) -> Any:
    return lambda pk: model.objects.select_for_update().filter(pk=pk).first() is not None


INFORMATION = WorkSubject(
    kind=information.SUBJECT,
    label=_("Information request"),
    event_subject=information.SUBJECT,
    read=information.READ,
    decide=(information.WORK,),
    disclose=information.WORK,
    find=_cases(information.SUBJECT, InformationRequest),
    queue="information_requests",
    following=_next(information.SUBJECT, InformationRequest, InformationStage.OPEN),
)
SUPPORT = WorkSubject(
    kind=support.SUBJECT,
    label=_("Support case"),
    event_subject=support.SUBJECT,
    read=support.READ,
    decide=(support.WORK,),
    disclose=support.WORK,
    find=_cases(support.SUBJECT, SupportCase),
    queue="support_cases",
    following=_next(support.SUBJECT, SupportCase, SupportStage.NEW),
)
FINDERS = (
    Finder(
        information.SUBJECT,
        _("Information requests"),
        information.READ,
        KINDS,
        _finder(information.SUBJECT, InformationRequest),
        is_case=True,
    ),
    Finder(
        support.SUBJECT, _("Support cases"), support.READ, KINDS, _finder(support.SUBJECT, SupportCase), is_case=True
    ),
)
ALERTS = (
    SubjectKind(
        name=information.SUBJECT,
        event_subject=information.SUBJECT,
        read=information.READ,
        answer=information.WORK,
        # The deadline of the answer is another clock, which an alert must not begin again.
        clock=support.CLOCK,
        desk="",
        page="/desk/information/?view=late",
        texts=AlertTexts(
            headline=_("Tutela: information requests after their deadline: %(count)s"),
            line=_("%(number)s: answer by %(due)s (%(why)s)"),
        ),
        pending=_alerts(information.SUBJECT, support.CLOCK, late_requests),
        lock=_lock(InformationRequest),
    ),
    SubjectKind(
        name=support.SUBJECT,
        event_subject=support.SUBJECT,
        read=support.READ,
        answer=support.WORK,
        clock=support.CLOCK,
        desk="",
        page="/desk/support/?view=late",
        texts=AlertTexts(
            headline=_("Tutela: support cases that nobody began: %(count)s"),
            line=_("%(number)s: answer by %(due)s (%(why)s)"),
        ),
        pending=_alerts(support.SUBJECT, support.CLOCK, late_cases),
        lock=_lock(SupportCase),
    ),
)
ALERT_KINDS = (information.SUBJECT, support.SUBJECT)
