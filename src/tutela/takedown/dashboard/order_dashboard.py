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
from tutela.takedown.orders import copies, order_requests
from tutela.takedown.orders.state_machine import UNANSWERED

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
    rows = copies.with_state(copies.issued(actor))
    stopped, late = rows.filter(state=OrderState.STOPPED), rows.filter(**_overdue())
    unreversed = rows.filter(state=OrderState.WITHDRAWN)
    yield _("Requests for orders to decide"), order_requests.open_count(actor), "/desk/orders/requests/", False
    yield _("Orders to clarify"), stopped.count(), "/desk/orders/", True
    # A simulated order obliges nobody: nothing of it is late here.
    yield _("Orders without an answer after their deadline"), late.count(), "/desk/orders/", True
    yield _("Recipients that have not confirmed a reversal"), unreversed.count(), "/desk/orders/?view=reversing", True


def _provider(actor: Actor) -> Iterable[tuple[Any, ...]]:
    rows, base = copies.with_state(copies.received(actor)), "/desk/hosting/orders/"
    yield _("Orders to answer after their deadline"), rows.filter(**_overdue()).count(), base, True
    real = rows.filter(simulation=False, state__in=UNANSWERED)
    yield _("Orders to answer"), real.count(), base, False
    simulated = rows.filter(simulation=True, state__in=UNANSWERED)
    yield _("Simulated orders to answer"), simulated.count(), base, False
    withdrawn = rows.filter(state=OrderState.WITHDRAWN)
    yield _("Withdrawn orders to reverse"), withdrawn.count(), base, True


def _overdue() -> dict[str, Any]:
    return {"simulation": False, "state__in": UNANSWERED, "deadline__lte": clock.now()}


def _dues(actor: Actor) -> Iterable[tuple[Any, ...]]:
    if not actor.can(HOST_READ):
        return
    rows = copies.with_state(copies.received(actor)).filter(simulation=False, state=OrderState.OPEN)
    for row in rows.filter(deadline__lte=clock.now() + DUE_WITHIN).defer("sealed").order_by("deadline")[:MOST_DUES]:
        yield _("Answer an order"), row.deadline, f"/desk/hosting/orders/{row.pk}/"
