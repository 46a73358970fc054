"""Retention rule of an authority: erase the contents of orders that are over; number, steps and times stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from tutela import clock
from tutela.events.actor import Actor
from tutela.law import holds
from tutela.takedown.models import OrderCopy, OrderRequest, OrderState, OrderStep
from tutela.takedown.orders import copies
from tutela.takedown.orders.state_machine import ANSWERED

# A run erases at most this many copies; the next run continues.
MOST_AT_ONCE = 2000
OVER = (*ANSWERED, OrderState.REVERSED)


def erase_closed(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Copies whose last step is older than `before`, that nobody has to act on, and that no hold keeps."""
    newest = OrderStep.objects.filter(copy=OuterRef("pk")).order_by("-sequence").values("created_at")[:1]
    rows = copies.with_state(copies.issued(actor)).annotate(last=Subquery(newest))
    found = rows.filter(erased_at=None, state__in=OVER, last__lte=before).order_by("received_at", "pk")
    for pk in list(found.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        copies.lock(pk)
        row = OrderCopy.objects.select_for_update().filter(pk=pk, erased_at=None).first()
        if row is None or holds.held(copies.SUBJECT, row.order_id) is not None:
            continue
        row.wrapped_key, row.sealed, row.erased_at = b"", b"", clock.now()
        row.save(update_fields=["wrapped_key", "sealed", "erased_at"])
        yield copies.SUBJECT, str(pk)


def erase_requests_of(case_id: UUID) -> None:
    """Erase what the requests about a case say, with the case. Call inside `acting(actor)`."""
    OrderRequest.objects.filter(case=case_id).update(wrapped_key=b"", sealed=b"")
