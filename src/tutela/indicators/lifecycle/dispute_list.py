"""List of disputes: open first, each with its decision."""

from __future__ import annotations

from django.db.models import F

from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.transaction import acting
from tutela.indicators.models import Dispute

PER_PAGE = 50
# Sort orders in addition to open first; of millions of indicators few are ever disputed.
SORTS = {"since": ("created_at", "id"), "-since": ("-created_at", "-id")}


def list_disputes(actor: Actor, part: ListPage = FIRST_PAGE, state: str = "") -> tuple[list[Dispute], bool]:
    """Return a page of the disputes (`open`, `upheld`, `dismissed` or all), and if more follow.

    Open ones come first, then the newest. Every member of the register may see them, as on each indicator's page. The
    access is recorded for each indicator, because a blind reviewer must not have seen it.
    """
    actor.require("indicators.read")
    with acting(actor):
        rows = Dispute.objects.select_related("indicator", "decision", "hold__decision").order_by(
            F("decision__created_at").desc(nulls_first=True), "-created_at", "-id"
        )
        if state == "open":
            rows = rows.filter(decision__isnull=True)
        elif state in ("upheld", "dismissed"):
            rows = rows.filter(decision__upheld=state == "upheld")
        found, more = part.of(rows, SORTS, PER_PAGE)
        noted(actor, "indicator", (row.indicator_id for row in found), part, doubts=state or "all")
        return found, more


def state_of(row: Dispute) -> str:
    """`open`, `upheld` or `dismissed`."""
    decision = getattr(row, "decision", None)
    return "open" if decision is None else "upheld" if decision.upheld else "dismissed"
