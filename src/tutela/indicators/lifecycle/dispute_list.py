"""What members doubt, as a list: open first, each with what was decided."""

from __future__ import annotations

from django.db.models import F

from tutela.events.actor import Actor
from tutela.events.list_access import FIRST, ListPage, noted
from tutela.events.transaction import acting
from tutela.indicators.models import Dispute

PER_PAGE = 50
# Beside what is open first; of millions of entries few are ever doubted.
SORTS = {"since": ("created_at", "id"), "-since": ("-created_at", "-id")}


def list_disputes(actor: Actor, part: ListPage = FIRST, state: str = "") -> tuple[list[Dispute], bool]:
    """A part of the disputes (`open`, `upheld`, `dismissed` or all), open ones first, then the newest; if more follow.

    Everybody on the register sees them, as on each indicator's page. It is a look at each indicator: whoever reviews
    one blindly must not have had it.
    """
    actor.require("indicators.read")
    with acting(actor):
        rows = Dispute.objects.select_related("indicator", "decision", "hold__release").order_by(
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
