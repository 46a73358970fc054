"""Queue of candidates waiting for a person, with filters, and the view of an unopened candidate.

The view shows all that may be known before the item is opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from tutela.casework.assignment.list_filter import EVERY, NO_WORK, Work, WorkFilter, work_on
from tutela.casework.exposure.budget import Budget
from tutela.detection.candidates import alerts, intake, viewing_budget, withdrawn_indicators
from tutela.detection.candidates.alerts import PENDING_STATES
from tutela.detection.models import Candidate, Draft, Match, Review, ShadowSighting, UrgentMark, Withdrawal
from tutela.detection.review import review
from tutela.detection.settings import services
from tutela.detection.settings.queries import candidates, kinds_of
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import FIRST_PAGE, ListPage, in_turn, noted
from tutela.events.record import Recorded, record, timeline
from tutela.events.transaction import acting

SUBJECT = "candidate"
PER_PAGE = 50
# These orders are offered in addition to the queue's order because an index serves them; each puts urgent candidates
# first.
SORTS = {"received": ("created_at", "id"), "-received": ("-created_at", "-id")}


@dataclass(frozen=True)
class CandidateFilter:
    """Filter of the queue; empty fields do not restrict, and an empty state means all pending candidates."""

    state: str = ""
    service: str = ""
    rule: str = ""
    list_id: str = ""
    # The number of its report, or its id; looked for in every state.
    text: str = ""
    work: WorkFilter = EVERY


@dataclass(frozen=True)
class CandidateLine:
    """A candidate in the queue."""

    id: UUID
    state: str
    urgent: bool
    received_at: datetime
    service: str
    account: str
    match: Match
    work: Work = NO_WORK


@dataclass(frozen=True)
class CandidateView:
    """A candidate as a reviewer finds it, before anything is opened."""

    line: CandidateLine
    seen_at: datetime
    media_type: str
    size: int
    sha256: str
    channel: str
    matches: list[Match]
    gone: list[Withdrawal]
    reviews: list[Review]
    urgent_marks: list[UrgentMark]
    may_stay_closed: bool
    needs_two: bool
    opened: bool
    my_turn: bool
    budget: Budget
    report_id: UUID | None
    unanswered: bool
    events: list[Recorded] = field(default_factory=list)


def list_candidates(
    actor: Actor, wanted: CandidateFilter, part: ListPage = FIRST_PAGE
) -> tuple[list[CandidateLine], bool]:
    """A part of the queue, urgent first, then the oldest or in one of `SORTS`; and whether there is more."""
    actor.require("detection.read")
    with acting(actor):
        rows = candidates().select_related("service").prefetch_related("matches")
        if text := wanted.text.strip():
            rows = rows.filter(pk__in=_named(text))
        else:
            rows = rows.filter(state=wanted.state) if wanted.state else rows.filter(state__in=PENDING_STATES)
        if wanted.service:
            rows = rows.filter(service__in=services.called(wanted.service))
        if wanted.rule:
            rows = rows.filter(matches__place=0, matches__rule=wanted.rule)
        if wanted.list_id:
            rows = rows.filter(matches__place=0, matches__list_id=wanted.list_id)
        found, more = _part(wanted.work.of(actor, SUBJECT, rows), part)
        given = "given" if wanted.service or wanted.list_id or wanted.text else ""
        noted(actor, "candidate", (row.pk for row in found), part, state=wanted.state, rule=wanted.rule, words=given)
        work = work_on(SUBJECT, (row.pk for row in found))
        return [replace(_line(row), work=work(row.pk)) for row in found], more


def _named(text: str) -> list[UUID]:
    """The candidates of a report's number or an id."""
    try:
        return [UUID(text)]
    except ValueError:
        drafted = Draft.objects.filter(number=text.upper()).values_list("candidate_ref", flat=True)
        return [one for one in drafted if one is not None]


def _part(rows: QuerySet[Any], part: ListPage) -> tuple[list[Any], bool]:
    if part.sort not in SORTS:
        return part.of(rows, {}, PER_PAGE)
    start, size = part.span(PER_PAGE)
    parts = (rows.filter(urgent=urgent).order_by(*SORTS[part.sort]) for urgent in (True, False))
    found = in_turn((partial(_slice, one) for one in parts), start, size + 1)
    return found[:size], len(found) > size


def _slice(rows: QuerySet[Any], start: int, many: int) -> list[Any]:
    return list(rows[start : start + many])


def choices(actor: Actor) -> dict[str, list[str]]:
    """The services, rules and lists there are to filter by."""
    with acting(actor):
        return {
            "services": [s.name for s in services.list_services(actor)],
            "rules": kinds_of(actor, "rule"),
            "lists": kinds_of(actor, "list_id"),
        }


def counts(actor: Actor) -> dict[str, int]:
    """The number of candidates pending a first, a second or a lead's decision; `urgent`, and `shadow` ever counted."""
    actor.require("detection.read")
    with acting(actor):
        found: dict[str, int] = dict.fromkeys((*PENDING_STATES, "urgent"), 0)
        rows = Candidate.objects.filter(state__in=PENDING_STATES).values_list("state", "urgent")
        for state, urgent, count in rows.annotate(n=Count("*")).order_by():
            found[state] += count
            found["urgent"] += count if urgent else 0
        return found | {"shadow": ShadowSighting.objects.count()}


def load_candidate(actor: Actor, candidate_id: UUID) -> CandidateView:
    """One candidate; the look is recorded with its purpose. Raises `NotFound`, also for what was deleted."""
    actor.require("detection.read")
    with acting(actor):
        row = candidates().select_related("service").prefetch_related("matches").filter(pk=candidate_id).first()
        if row is None:
            raise NotFound
        record(actor, "candidate.viewed", "candidate", row.pk)
        message, reviews = intake.opened(row), list(row.reviews.all())
        matches = list(row.matches.all())
        for shown, said in zip(matches, intake.strongest_first(message.matches), strict=True):
            shown.footage = said.footage
            # What was kept before the column knows it of pictures alone.
            shown.by_window = shown.by_window or said.only_part
        return CandidateView(
            line=_line(row),
            seen_at=row.seen_at,
            media_type=row.media_type,
            size=message.size,
            sha256=message.sha256,
            channel=message.channel or "",
            matches=matches,
            gone=withdrawn_indicators.of_subject(row.pk),
            reviews=reviews,
            urgent_marks=list(row.urgent_marks.order_by("created_at")),
            may_stay_closed=review.may_stay_closed(row),
            needs_two=review.needs_two(row),
            opened=viewing_budget.has_opened(actor, row),
            my_turn=_my_turn(actor, row, reviews),
            budget=viewing_budget.budget(actor, services.terms_of(row.service)),
            report_id=Draft.objects.filter(candidate_ref=row.pk).values_list("pk", flat=True).first(),
            unanswered=alerts.unanswered(row.pk),
            events=timeline("candidate", row.pk),
        )


def exists(actor: Actor, candidate_id: UUID) -> bool:
    """Whether a candidate is still there: what was rejected meanwhile is gone."""
    with acting(actor):
        return Candidate.objects.filter(pk=candidate_id).exists()


def _my_turn(actor: Actor, row: Any, reviews: list[Review]) -> bool:
    if row.state not in PENDING_STATES or not actor.can("detection.review"):
        return False
    if row.state == "disputed":
        return actor.can("detection.second_review")
    return all(one.by != actor.reference for one in reviews)


def _line(row: Any) -> CandidateLine:
    found: Candidate = row
    return CandidateLine(
        found.pk, row.state, row.urgent, found.created_at, found.service.name, found.account, found.matches.all()[0]
    )
