"""List of hand-overs, and one with its steps. The view is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.list_filter import EVERY, WorkFilter, work_on
from tutela.casework.hand_overs import attention, rows, send, states
from tutela.casework.hand_overs.rows import READ, SUBJECT
from tutela.casework.hand_overs.states import ENDED
from tutela.casework.hand_overs.steps import RECORDED
from tutela.casework.models import AgencyHandOver, AgencyHandOverStep, HandOverState, Way
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys

PER_PAGE = 50
LATE, NEW = _("Hand-overs without a receipt, an owner or an end"), _("Hand-overs to accept or refuse")
OPEN, LATE_VIEW, NEW_VIEW, ENDED_VIEW, ALL = "open", "late", "new", "ended", "all"
SORTS = {"due": ("due_on", "id"), "-due": ("-due_on", "-id")}


@dataclass(frozen=True)
class HandOverFilter:
    """Filter of the list; empty fields do not restrict. `text` is a number or the sender's reference."""

    view: str = OPEN
    text: str = ""
    way: str = ""
    work: WorkFilter = EVERY


@dataclass(frozen=True)
class HandOverView:
    """A hand-over with its steps, and what can be done."""

    row: AgencyHandOver
    steps: list[AgencyHandOverStep]
    letter: str
    # Whether an alert is due.
    needs_somebody: bool

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return states.ended(self.row)

    @property
    def sent(self) -> bool:
        """Whether the own organisation sent it."""
        return self.row.way == Way.SENT

    @property
    def outside(self) -> bool:
        """Whether its agency has no desk."""
        return self.row.agency_id is None

    @property
    def next_states(self) -> list[HandOverState]:
        """Steps that a person can record here now."""
        if self.sent and not self.outside:
            return []
        return [one for one in RECORDED if states.may_follow(self.row.state, one)]

    @property
    def withdrawable(self) -> bool:
        """Whether the sender can take it back."""
        return self.sent and states.may_follow(self.row.state, HandOverState.WITHDRAWN)

    @property
    def refused(self) -> bool:
        """Whether the sender has to hand it over again, or to settle it."""
        return self.sent and self.row.state == HandOverState.REFUSED


def list_hand_overs(actor: Actor, wanted: HandOverFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the hand-overs, the earliest day first. Each has its `work` and whether an alert is due."""
    actor.require(READ)
    with acting(actor):
        found = wanted.work.of(actor, SUBJECT, _filtered(wanted))
        listed, more = part.of(found, SORTS, PER_PAGE)
        noted(actor, SUBJECT, (one.pk for one in listed), part, state=wanted.view)
        work = work_on(SUBJECT, (one.pk for one in listed))
        alerted = {one.pk for one in attention.needing_somebody(listed)}
        for one in listed:
            one.work, one.alerted = work(one.pk), one.pk in alerted
        return listed, more


def load(actor: Actor, hand_over_id: UUID) -> HandOverView:
    """One hand-over. Raises `UnknownHandOver`."""
    actor.require(READ)
    with acting(actor):
        row = rows.find(hand_over_id)
        steps = list(row.steps.all())
        subject_keys.open_words(SUBJECT, row.pk, steps, "text")
        record(actor, "hand_over.viewed", SUBJECT, row.pk)
        letter = send.letter(row) if row.way == Way.SENT and row.agency_id is None else ""
        return HandOverView(row, steps, letter, bool(attention.needing_somebody([row])))


def of_subject(subject_kind: str, subject_id: UUID) -> list[AgencyHandOver]:
    """Hand-overs of one own case, the oldest first. Call inside `acting(actor)`."""
    found = AgencyHandOver.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return list(found.order_by("created_at", "pk"))


def open_of_subject(subject_kind: str, subject_id: UUID) -> int:
    """How many hand-overs of one own case are not ended. Call inside `acting(actor)`."""
    return sum(not states.ended(one) for one in of_subject(subject_kind, subject_id))


def exists(actor: Actor, hand_over_id: UUID) -> bool:
    """Whether the actor's organisation has this hand-over."""
    with acting(actor):
        return AgencyHandOver.objects.filter(pk=hand_over_id).exists()


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """Hand-overs for the start page; None for somebody who has no business with them."""
    if not actor.can(READ):
        return None
    with acting(actor):
        found = list(AgencyHandOver.objects.exclude(state__in=ENDED))
        late = len(attention.needing_somebody(found))
        new = sum(one.way == Way.RECEIVED and one.state == HandOverState.RECEIVED for one in found)
    if not found:
        return None
    from_desk = "/desk/hand-overs/"
    return {
        "todos": [
            (LATE, late, f"{from_desk}?view=late", True),
            (NEW, new, f"{from_desk}?view=new", False),
        ]
    }


def _filtered(wanted: HandOverFilter) -> QuerySet[AgencyHandOver]:
    found = AgencyHandOver.objects.all()
    if text := wanted.text.strip().upper():
        return found.filter(number__startswith=text[:20]) | found.filter(reference=text[:100])
    if wanted.way in Way.values:
        found = found.filter(way=wanted.way)
    closed = [*ENDED]
    if wanted.view == LATE_VIEW:
        found = found.filter(pk__in=[one.pk for one in attention.open_needs()])
    elif wanted.view == NEW_VIEW:
        found = found.filter(way=Way.RECEIVED, state=HandOverState.RECEIVED)
    elif wanted.view == ENDED_VIEW:
        found = found.filter(state__in=closed)
    elif wanted.view != ALL:
        found = found.exclude(state__in=closed).exclude(way=Way.RECEIVED, state=HandOverState.REFUSED)
    return found.order_by("due_on", "id")
