"""Hand-overs that need somebody now: one answer for alerts, the list, the page and the start page."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tutela import clock
from tutela.casework.hand_overs import states
from tutela.casework.models import AgencyHandOver
from tutela.organisations.people import members


def needing_somebody(found: Iterable[AgencyHandOver]) -> list[AgencyHandOver]:
    """Those of some hand-overs that need somebody, in their order. Call inside `acting(actor)`."""
    rows, now = list(found), clock.now()
    here = _people({one.organisation_id for one in rows if one.owner and not states.ended(one)})
    return [one for one in rows if states.needs_somebody(one, now, owner_left=_left(one, here))]


def open_needs() -> list[AgencyHandOver]:
    """Every hand-over that needs somebody, the earliest day first. Call inside `acting(actor)`."""
    return needing_somebody(AgencyHandOver.objects.exclude(state__in=states.ENDED).order_by("due_on", "pk"))


def _left(row: AgencyHandOver, here: set[str]) -> bool:
    """Whether the person who answers for a hand-over no longer works at the organisation."""
    return row.owner.startswith("person:") and row.owner not in here


def _people(organisations: set[UUID]) -> set[str]:
    """References of everybody who works at these organisations."""
    return {f"person:{one.id}" for each in organisations for one in members.members_of(each) if one.active}
