"""What the authority's pages show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.listing import listed
from tutela.events.recording import record
from tutela.exchange.referral import Referral as Wire
from tutela.investigations.answering import hold_of
from tutela.investigations.models import (
    Acknowledgement,
    HoldRequest,
    Outcome,
    Referral,
    ReportIndex,
    Returned,
    Withdrawn,
)
from tutela.investigations.packages import bytes_of
from tutela.law import clocks
from tutela.law.journey import Journey, Stop, at_the_provider, journey
from tutela.organisations import erasable, outbox

PER_PAGE = 50
FILTERS: dict[str, dict[str, Any]] = {
    "new": {"acknowledged": False, "given_back": False},
    "open": {"acknowledged": True, "closed": False},
    "closed": {"closed": True},
    "withdrawn": {"withdrawn": True},
    "returned": {"given_back": True},
    "all": {},
}


@dataclass(frozen=True)
class Full:
    """A referral with everything about it."""

    row: Any
    # None and empty once its contents are erased.
    package: Wire | None
    raw: bytes
    acknowledgement: Acknowledgement | None
    outcomes: list[Outcome]
    withdrawals: list[Withdrawn]
    messages: list[outbox.MessageState]
    clocks: list[tuple[Any, Any]]
    journey: Journey
    hold: HoldRequest | None


def with_state() -> QuerySet[Any]:
    """Referrals annotated with acknowledged, closed, withdrawn and their newest outcome."""
    mine = {"referral": OuterRef("pk")}
    newest = Outcome.objects.filter(**mine).order_by("-created_at", "-id").values("kind")[:1]
    return Referral.objects.annotate(
        acknowledged=Exists(Acknowledgement.objects.filter(**mine)),
        closed=Exists(Outcome.objects.filter(kind="closed", **mine)),
        withdrawn=Exists(Withdrawn.objects.filter(**mine)),
        given_back=Exists(Returned.objects.filter(**mine)),
        newest_outcome=Subquery(newest),
    )


def inbox(actor: Actor, *, state: str = "new", text: str = "", page: int = 1) -> tuple[list[Any], bool]:
    """A page of the inbox, urgent first, then the oldest."""
    actor.require("investigations.read")
    with acting(actor):
        rows = with_state().filter(**FILTERS.get(state, {})).order_by("-urgent", "created_at")
        if text:
            rows = rows.filter(number__icontains=text.strip())
        start = (page - 1) * PER_PAGE
        found = list(rows[start : start + PER_PAGE + 1])
        shown = (row.referral_id for row in found[:PER_PAGE])
        listed(actor, "referral", shown, page=page, state=state, words="given" if text else "")
    return found[:PER_PAGE], len(found) > PER_PAGE


def open_referral(actor: Actor, referral_id: UUID, *, purpose_of_access: str = "viewed") -> Full:
    """One referral with its package; the access is recorded. Raises `NotFound`."""
    actor.require("investigations.read")
    with acting(actor):
        row = with_state().filter(referral_id=referral_id).first()
        if row is None:
            raise NotFound
        record(actor, f"referral.{purpose_of_access}", "referral", referral_id)
        raw, outcomes = bytes_of(row), list(row.outcomes.order_by("created_at"))
        erasable.open_words("referral", referral_id, (*outcomes, getattr(row, "returned", None)))
        package = Wire.from_bytes(raw) if raw else None
        return Full(
            row=row, package=package, raw=raw,
            acknowledgement=getattr(row, "acknowledgement", None),
            outcomes=outcomes,
            withdrawals=list(row.withdrawals.order_by("created_at")),
            messages=outbox.states(actor, referral_id), clocks=clocks.of_subject("referral", referral_id),
            journey=journey([("referral", referral_id)], _told(package) if package else ()), hold=hold_of(row),
        )  # fmt: skip


def _told(package: Wire) -> list[Stop]:
    """The way of the reports before this authority had them, as provider and Centre tell it."""
    judged = package.assessment
    return [
        *(stop for report in package.reports for stop in at_the_provider(report)),
        Stop(judged.assessed_at, judged.assessed_by, code="assessed_relevant", place=package.centre),
        Stop(package.created_at, package.centre, code="referral_made", place=package.centre, note=package.case_number),
    ]


def exists(actor: Actor, referral_id: UUID) -> bool:
    """Whether this referral came to the actor's organisation."""
    with acting(actor):
        return with_state().filter(referral_id=referral_id).exists()


def referral_of_report(report_id: UUID) -> UUID | None:
    """The referral that carries a report, if this authority has one. Call inside `acting(actor)`."""
    row = ReportIndex.objects.filter(report_id=report_id).select_related("referral").first()
    return row.referral.referral_id if row else None
