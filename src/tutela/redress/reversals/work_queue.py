"""List of reversals, and one reversal with its hops. The view is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from tutela import clock
from tutela.detection.candidates import local_stops
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.investigations.inbox import report_index
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES
from tutela.redress.models import FINAL, Hop, HopKind, HopState, Reversal
from tutela.redress.reversals import hops
from tutela.redress.reversals.hops import READ, SUBJECT, TEST
from tutela.reports.referrals import report_recipients

PER_PAGE = 50
OPEN, ANSWER, LATE, ENDED, ALL = "open", "answer", "late", "ended", "all"


@dataclass(frozen=True)
class ReversalView:
    """A reversal with its hops. `items`: own numbers of what it is about, each with an address or none."""

    row: Reversal
    hops: list[Hop]
    items: list[tuple[str, UUID | None]]
    # Until when the entry is stopped at this provider at the longest.
    stopped_until: datetime | None = None
    # Whether the Centre decides about the entry.
    centre_decides: bool = False

    @property
    def to_answer(self) -> bool:
        """Whether another organisation sent it and nobody here has answered."""
        return self.row.sender_id is not None and self.row.accepted is None

    @property
    def own(self) -> Hop | None:
        """The own place that waits for a person."""
        return next((one for one in self.hops if one.kind in ("measure", "record") and one.state not in FINAL), None)

    @property
    def late(self) -> bool:
        """Whether something is open after the deadline."""
        return self.row.ended_at is None and clock.now() > self.row.due_at


def list_reversals(actor: Actor, view: str, text: str = "", part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the reversals; each has `open_hops` and `hop_count`."""
    actor.require(READ)
    with acting(actor):
        found, more = part.of(_filtered(view, text), {}, PER_PAGE)
        noted(actor, SUBJECT, (one.pk for one in found), part, state=view, words="given" if text else "")
        for one in found:
            states = list(one.hops.values_list("state", flat=True))
            one.hop_count, one.open_hops = len(states), sum(each not in FINAL for each in states)
        return found, more


def load(actor: Actor, reversal_id: UUID) -> ReversalView:
    """One reversal. Raises `UnknownReversal`."""
    actor.require(READ)
    with acting(actor):
        row = hops.find(reversal_id)
        record(actor, "reversal.viewed", SUBJECT, row.pk)
        found = list(row.hops.prefetch_related("steps"))
        decides = any(one.kind == HopKind.CENTRE and "indicator" in one.about for one in found)
        return ReversalView(row, found, _items(actor, row), local_stops.lasts_until(row.root_id), decides)


def exists(actor: Actor, reversal_id: UUID) -> bool:
    """Whether the actor's organisation has this reversal."""
    with acting(actor):
        return Reversal.objects.filter(pk=reversal_id).exists()


def hop_exists(actor: Actor, hop_id: UUID) -> bool:
    """Whether the actor's organisation has this hop."""
    with acting(actor):
        return Hop.objects.filter(pk=hop_id).exists()


def reversal_of(actor: Actor, hop_id: UUID) -> UUID:
    """The reversal of a hop that exists."""
    with acting(actor):
        return Hop.objects.values_list("reversal", flat=True).get(pk=hop_id)


def counts(actor: Actor) -> dict[str, int]:
    """Reversals to answer here, and those with a late or refused recipient. Call inside `acting(actor)`."""
    return {view: _filtered(view, "").count() for view in (ANSWER, LATE)}


def _items(actor: Actor, row: Reversal) -> list[tuple[str, UUID | None]]:
    ids = [UUID(one) for one in row.report_ids]
    if actor.organisation_kind == "centre":
        return [(one.number, one.report_id) for one in report_recipients.recipients_of(ids)]
    if actor.organisation_kind in AUTHORITIES:
        return [(number, referral) for referral, number in report_index.referrals_of(ids)]
    return [(row.notice_number, None)] if row.notice_number else []


def _filtered(view: str, text: str) -> Any:
    rows = Reversal.objects.exclude(TEST)
    if said := text.strip().upper():
        return rows.filter(number__begins=said[:20]).order_by("-created_at")
    if view == OPEN:
        return rows.filter(ended_at=None).order_by("due_at", "pk")
    if view == ANSWER:
        own = Hop.objects.filter(kind=HopKind.MEASURE, reversal__sender_id=None).exclude(state__in=FINAL)
        asked = Q(accepted=None, sender_id__isnull=False) | Q(pk__in=own.values("reversal"))
        return rows.filter(asked).order_by("due_at", "pk")
    if view == LATE:
        late = Q(due_at__lte=clock.now()) | Q(state=HopState.REFUSED)
        found = Hop.objects.filter(late).exclude(state__in=FINAL)
        unanswered = Q(accepted=None, due_at__lte=clock.now())
        return rows.filter(Q(pk__in=found.values("reversal")) | unanswered, ended_at=None).order_by("due_at", "pk")
    if view == ENDED:
        rows = rows.filter(ended_at__isnull=False)
    return rows.order_by("-created_at", "-pk")
