"""Overview of orders for the start pages of authorities and providers, as plain values for the app package."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.takedown.host_desk.notice_rows import READ as HOST_READ
from tutela.takedown.models import OrderState
from tutela.takedown.orders import copies, order_requests, work_queue

DUE_WITHIN = timedelta(days=1)
MOST_DUES = 20


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business with orders."""
    if not actor.can(copies.READ) and not actor.can(HOST_READ):
        return None
    with acting(actor):
        found = _authority(actor) if actor.can(copies.READ) else _provider(actor)
        return {"todos": list(found), "dues": list(_dues(actor)), "charts": []}


def _authority(actor: Actor) -> Iterable[tuple[Any, ...]]:
    base = "/desk/orders/"
    yield _("Requests for orders to decide"), order_requests.open_count(actor), f"{base}requests/", False
    for label, view in (
        (_("Orders to clarify"), work_queue.CLARIFY),
        (_("Orders without an answer after their deadline"), work_queue.LATE),
        (_("Withdrawn orders that a recipient has not reversed"), work_queue.REVERSING),
    ):
        yield label, work_queue.count_issued(actor, view), f"{base}?view={view}", True


def _provider(actor: Actor) -> Iterable[tuple[Any, ...]]:
    for label, view, urgent in (
        (_("Orders to answer after their deadline"), work_queue.LATE, True),
        (_("Orders to answer"), work_queue.IN_FORCE, False),
        (_("Simulated orders to answer"), work_queue.SIMULATED, False),
        (_("Withdrawn orders to reverse"), work_queue.REVERSING, True),
    ):
        yield label, work_queue.count_received(actor, view), f"/desk/hosting/orders/?view={view}", urgent


def _dues(actor: Actor) -> Iterable[tuple[Any, ...]]:
    if not actor.can(HOST_READ):
        return
    rows = copies.with_state(copies.received(actor)).filter(simulation=False, state=OrderState.OPEN)
    for row in rows.filter(deadline__lte=clock.now() + DUE_WITHIN).defer("sealed").order_by("deadline")[:MOST_DUES]:
        yield _("Answer an order"), row.deadline, f"/desk/hosting/orders/{row.pk}/"
