"""Trusted flaggers of a host, and how often each notifier's notices led to an action.

The host checks the status on the Commission's list; a notifier's own statement gives no priority. A share is shown for
10 decided notices or more: below that it says nothing about the notifier.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.takedown.host_desk import notice_rows
from tutela.takedown.models import FlaggerStatus, HostState, IncomingNotice

LEAST_DECIDED = 10


@dataclass(frozen=True)
class Precision:
    """Decided notices of a notifier, and on how many of them an action was taken and still stands."""

    decided: int
    acted: int

    @property
    def percent(self) -> int:
        """The share in percent, rounded down."""
        return self.acted * 100 // self.decided


def is_trusted(notifier_id: UUID) -> bool:
    """Whether the host has recorded this notifier as a trusted flagger. Call inside `acting(actor)`."""
    newest = FlaggerStatus.objects.filter(notifier_id=notifier_id).order_by("-created_at", "-pk").first()
    return newest is not None and newest.trusted


def set_status(actor: Actor, notice_id: UUID, *, trusted: bool, source: str) -> None:
    """Record that the sender of a notice is a trusted flagger, or no longer. Raises `Invalid`."""
    actor.require(notice_rows.DECIDE)
    if not source.strip():
        raise Invalid("Enter who awarded the status, or why it ended.", field="source")
    with acting(actor):
        notifier = notice_rows.find(notice_id).notifier_id
        FlaggerStatus.objects.create(
            organisation_id=actor.organisation_id,
            notifier_id=notifier,
            trusted=trusted,
            source=source.strip()[:300],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        IncomingNotice.objects.filter(notifier_id=notifier, state=HostState.OPEN).update(trusted=trusted)
        record(actor, "hosting.flagger", "organisation", notifier, trusted=trusted)


def precisions(notifiers: Iterable[UUID]) -> dict[UUID, Precision]:
    """The precision of notifiers that have enough decided notices. Call inside `acting(actor)`."""
    rows = IncomingNotice.objects.filter(notifier_id__in=set(notifiers), state=HostState.DECIDED)
    counted = rows.values("notifier_id").annotate(decided=Count("pk"), acted_on=Count("pk", filter=Q(acted=True)))
    return {
        one["notifier_id"]: Precision(one["decided"], one["acted_on"])
        for one in counted.order_by()
        if one["decided"] >= LEAST_DECIDED
    }
