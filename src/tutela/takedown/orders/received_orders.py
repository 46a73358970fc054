"""Received orders as data for a provider's own systems. A simulated order says so before anything else."""

from __future__ import annotations

from typing import Any

from tutela.events.actor import Actor
from tutela.events.list_access import ListPage
from tutela.events.transaction import acting
from tutela.organisations.errors import Erased
from tutela.takedown.orders import copies, work_queue
from tutela.takedown.orders.work_queue import OrderFilter


def as_data(actor: Actor, view: str, page: int) -> tuple[list[dict[str, Any]], bool]:
    """A page of received orders, and whether there is more. `order` is None once the contents are erased."""
    with acting(actor):
        rows, more = work_queue.list_received(actor, OrderFilter(view), ListPage(page))
        return [_data(row) for row in rows], more


def _data(row: Any) -> dict[str, Any]:
    try:
        order: dict[str, Any] | None = copies.wire_of(row).model_dump(mode="json", exclude_none=True)
    except Erased:
        order = None
    return {
        "simulation": row.simulation,
        "in_force": not row.simulation,
        "id": str(row.pk),
        "reference": row.number,
        "kind": row.kind,
        "authority": row.issuer_name,
        "country": row.issuer_country,
        "state": row.state,
        "late": bool(row.late) or row.overdue,
        "received_at": row.received_at.isoformat(),
        "deadline": row.deadline.isoformat() if row.deadline else None,
        "order": order,
    }
