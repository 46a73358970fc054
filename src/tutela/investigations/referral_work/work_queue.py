"""Queries for the authority's pages: inbox, export, one referral."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from tutela import clock
from tutela.casework.assignment.list_filter import EVERY, WorkFilter, work_on
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import MOST_EXPORTED, ListPage, in_turn, listed, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.referral import Referral as Wire
from tutela.investigations.inbox import expiring_evidence, retention_periods
from tutela.investigations.inbox.expiring_evidence import Expiring
from tutela.investigations.inbox.packages import bytes_of, package_of
from tutela.investigations.models import (
    Acknowledgement,
    Assignment,
    Outcome,
    Referral,
    ReportIndex,
    Withdrawn,
)
from tutela.investigations.referral_work import hold_requests
from tutela.investigations.referral_work.hold_requests import Holding
from tutela.law import clocks
from tutela.law.timeline import Journey, Stop, at_the_provider, journey
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox_status

SUBJECT = "referral"
PER_PAGE = 50
NOBODY = "none"
# Evidence that expires within this time counts as expiring soon.
SOON = timedelta(days=14)
MOST_RENEWED = 1000
# Other orders; urgent referrals always come first. When sorted by expiry, referrals without an expiry date come last.
SORTS = {
    "received": ("created_at", "pk"),
    "-received": ("-created_at", "-pk"),
    "expires": ("expires_at", "pk"),
    "-expires": ("-expires_at", "-pk"),
}
FILTERS: dict[str, dict[str, Any]] = {
    "new": {"acknowledged": False, "given_back": False, "withdrawn": False},
    "open": {"acknowledged": True, "closed": False, "given_back": False},
    "unfinished": {"closed": False, "given_back": False},
    "closed": {"closed": True},
    "withdrawn": {"withdrawn": True, "closed": False, "given_back": False},
    "returned": {"given_back": True},
    "all": {},
}


@dataclass(frozen=True)
class ReferralFilter:
    """Filter of the inbox; fields are combined. `team`: id, `none` (unassigned) or empty (all)."""

    state: str = "new"
    text: str = ""
    team: str = ""
    urgent: bool = False
    expiring: bool = False
    # Of `SORTS`; empty is urgent first, then the oldest.
    sort: str = ""
    work: WorkFilter = EVERY


@dataclass(frozen=True)
class ReferralView:
    """A referral with everything about it."""

    row: Any
    # None and empty once its contents are erased.
    package: Wire | None
    raw: bytes
    acknowledgement: Acknowledgement | None
    outcomes: list[Outcome]
    withdrawals: list[Withdrawn]
    messages: list[outbox_status.MessageState]
    clocks: list[tuple[Any, Any]]
    journey: Journey
    holding: Holding
    expiring: list[Expiring]
    # How many more of these the package names.
    expiring_more: int
    assignments: list[Assignment]
    # What it supplements, if that is here; and what came later to it.
    main: Any
    supplements: list[Any]


def inbox(actor: Actor, wanted: ReferralFilter | None = None, *, page: int = 1) -> tuple[list[Any], bool]:
    """A page of the inbox, urgent first, then the oldest."""
    actor.require("investigations.read")
    wanted = wanted or ReferralFilter()
    with acting(actor):
        start = (page - 1) * PER_PAGE
        found = _part(actor, wanted, start, PER_PAGE + 1)
        shown = (row.referral_id for row in found[:PER_PAGE])
        listed(actor, "referral", shown, page=page, state=wanted.state, words="given" if wanted.text else "")
    return found[:PER_PAGE], len(found) > PER_PAGE


def export(actor: Actor, wanted: ReferralFilter) -> list[Any]:
    """The inbox for a file, its first `MOST_EXPORTED` rows; recorded as looks at each."""
    actor.require("investigations.read")
    with acting(actor):
        found = _part(actor, wanted, 0, MOST_EXPORTED)
        noted(actor, "referral", (row.referral_id for row in found), ListPage(file=True), state=wanted.state)
    return found


def _part(actor: Actor, wanted: ReferralFilter, start: int, many: int) -> list[Any]:
    """Some rows in their order: first their keys, which an index has with all that is asked for, then they."""
    rows = wanted.work.of(actor, SUBJECT, _filtered(wanted), "referral_id")
    keys = in_turn((partial(_keys, part) for part in _parts(wanted, rows)), start, many)
    known = Referral.objects.select_related("team").defer("sealed_body", "found_by").in_bulk(keys)
    found: list[Any] = [known[key] for key in keys if key in known]
    work = work_on(SUBJECT, (row.referral_id for row in found))
    for row in found:
        row.work = work(row.referral_id)
    return found


def _parts(wanted: ReferralFilter, found: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    """Query sets of the queue in their display order, each sorted as an index is."""
    if wanted.sort not in SORTS:
        yield found.order_by("-urgent", "created_at")
        return
    for urgent in (True, False):
        rows = found.filter(urgent=urgent).order_by(*SORTS[wanted.sort])
        if wanted.sort.endswith("expires"):
            yield rows.exclude(expires_at=None)
            yield rows.filter(expires_at=None).order_by("created_at", "pk")
        else:
            yield rows


def _keys(rows: QuerySet[Any], start: int, many: int) -> list[UUID]:
    return list(rows.values_list("pk", flat=True)[start : start + many])


def _filtered(wanted: ReferralFilter) -> QuerySet[Any]:
    rows: QuerySet[Any] = Referral.objects.filter(**FILTERS.get(wanted.state, {}))
    if wanted.text:
        rows = rows.filter(number__icontains=wanted.text.strip())
    if wanted.urgent:
        rows = rows.filter(urgent=True)
    if wanted.expiring:
        rows = rows.filter(expires_at__gt=clock.now(), expires_at__lte=clock.now() + SOON)
    if wanted.team == NOBODY:
        return rows.filter(team=None)
    try:
        return rows.filter(team=UUID(wanted.team)) if wanted.team else rows
    except ValueError:
        return rows.none()


def open_referral(actor: Actor, referral_id: UUID, *, purpose_of_access: str = "viewed") -> ReferralView:
    """One referral with its package; the access is recorded. Raises `NotFound`."""
    actor.require("investigations.read")
    with acting(actor):
        row = (
            Referral.objects.select_related("team", "returned", "acknowledgement")
            .filter(referral_id=referral_id)
            .first()
        )
        if row is None:
            raise NotFound
        record(actor, f"referral.{purpose_of_access}", "referral", referral_id)
        raw, outcomes = bytes_of(row), list(row.outcomes.order_by("created_at"))
        withdrawals = list(row.withdrawals.order_by("created_at"))
        subject_keys.open_words("referral", referral_id, (*outcomes, *withdrawals, getattr(row, "returned", None)))
        subject_keys.open_words("referral", referral_id, [getattr(row, "acknowledgement", None)], "file_reference")
        package = Wire.from_bytes(raw) if raw else None
        expire, more = expiring_evidence.shown(expiring_evidence.expiring_items(package) if package else [])
        return ReferralView(
            row=row,
            package=package,
            raw=raw,
            acknowledgement=getattr(row, "acknowledgement", None),
            outcomes=outcomes,
            withdrawals=withdrawals,
            messages=outbox_status.states(actor, referral_id),
            clocks=clocks.of_subject("referral", referral_id),
            journey=journey([("referral", referral_id)], _told(package) if package else ()),
            holding=hold_requests.holding_of(row),
            expiring=expire,
            expiring_more=more,
            assignments=list(row.assignments.select_related("team").order_by("created_at")),
            main=Referral.objects.filter(referral_id=row.supplement_to).first() if row.supplement_to else None,
            supplements=list(Referral.objects.filter(supplement_to=referral_id).order_by("created_at")),
        )


def _told(package: Wire) -> list[Stop]:
    """The way of the reports before this authority had them, as provider and Centre tell it."""
    judged = package.assessment
    return [
        *(stop for report in package.reports for stop in at_the_provider(report)),
        Stop(judged.assessed_at, judged.assessed_by, code="assessed_relevant", place=package.centre),
        Stop(package.created_at, package.centre, code="referral_made", place=package.centre, note=package.case_number),
    ]


def renew_expiring(actor: Actor) -> int:
    """Update the next expiring evidence of each referral; returns how many were updated.

    An update is due if the previous date has passed or the periods have changed. For a job, which repeats the call
    until nothing is left.
    """
    rules = retention_periods.current()
    # Two ends of an index: what is equal, which is most, is passed over.
    others = Q(expires_by__lt=rules.edition) | Q(expires_by__gt=rules.edition)
    with acting(actor):
        wanted = Referral.objects.select_for_update(skip_locked=True, of=("self",))
        rows = list(wanted.filter(expires_at__lte=clock.now()).order_by("expires_at")[:MOST_RENEWED])
        rows = rows or list(wanted.filter(others)[:MOST_RENEWED])
        for row in rows:
            package = package_of(row)
            found = expiring_evidence.next_of(package, clock.now(), rules) if package else None
            row.expires_at, row.expires_by = found.until if found else None, rules.edition
            row.save(update_fields=["expires_at", "expires_by"])
    return len(rows)


def exists(actor: Actor, referral_id: UUID) -> bool:
    """Whether this referral came to the actor's organisation."""
    with acting(actor):
        return Referral.objects.filter(referral_id=referral_id).exists()


def referral_of_report(report_id: UUID) -> UUID | None:
    """The referral that carries a report, if this authority has one. Call inside `acting(actor)`."""
    rows = ReportIndex.objects.filter(report_id=report_id).select_related("referral")
    # What is supplemented before its supplements.
    row = rows.order_by(F("referral__supplement_to").asc(nulls_first=True), "pk").first()
    return row.referral.referral_id if row else None
