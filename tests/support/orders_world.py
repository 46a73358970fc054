"""An authority, providers and a hotline of one node, with orders of every kind between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.cast import Cast
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.takedown.models import Notice, OrderCopy, OrderKind, OrderState, StepKind
from tutela.takedown.notices import notify
from tutela.takedown.orders import copies, detail, issue, order_requests
from tutela.takedown.orders.compose import OrderInput

ADDRESSES = (("https://host.example.org/x/1", ""), ("https://host.example.org/x/2", "second item on the page"))
COMMON: dict[str, Any] = {
    "contact": "desk@authority.example",
    "service": "Example Albums",
    "reasons": "The items infringe the provisions named below.",
    "court": "Court of Example",
    "time_limit": "30 days",
}
DSA: dict[str, Any] = {
    "act": "National act under Directive 2011/93 Art. 25",
    "provisions": ("Art. 5",),
    "for_provider": "Appeal to the court.",
    "for_recipient": "Appeal to the court.",
}
SIMULATION: dict[str, Any] = {
    "contact_point": "desk@host.example",
    "follow_up_contact": "desk@authority.example",
    "redress_provisions": "Art. 15 of the proposal",
}
_MEASURE: dict[str, Any] = {"safeguards": "Only these addresses."}


def days() -> dict[str, date]:
    """First and last day of a measure."""
    today = clock.now().date()
    return {"begins": today + timedelta(days=30), "ends": today + timedelta(days=200)}


def fields_of(kind: str) -> dict[str, Any]:
    """What an authority enters for an order of a kind."""
    own: dict[str, dict[str, Any]] = {
        OrderKind.CONTENT: {
            "addresses": ADDRESSES,
            "territory": ("DE",),
            "scope_reason": "The law of one country is infringed.",
        },
        OrderKind.INFORMATION: {
            "accounts": ("account 17",),
            "information": ("name", "payment data"),
            "purpose": "To identify a suspect.",
        },
        OrderKind.REMOVAL: {"addresses": ADDRESSES, "grounds": ("annex_iv_3_1",)},
        OrderKind.BLOCKING: {"addresses": ADDRESSES, **_MEASURE, **days()},
        OrderKind.DELISTING: {"addresses": ADDRESSES, **_MEASURE},
        OrderKind.DETECTION: {"detects": ("known",), **_MEASURE, **days()},
    }
    basis = DSA if kind in (OrderKind.CONTENT, OrderKind.INFORMATION) else SIMULATION
    return {**COMMON, **basis, **own[OrderKind(kind)]}


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The clock at a moment."""
    with clock.simulate(moment):
        yield


@dataclass
class Orders:
    """The authority with an investigator and an analyst, two providers with their leads, and a hotline."""

    cast: Cast
    authority: Actor = field(init=False)
    issuer: Actor = field(init=False)
    reader: Actor = field(init=False)
    providers: list[Actor] = field(init=False)
    leads: list[Actor] = field(init=False)
    hotline: Hotline = field(init=False)

    def __post_init__(self) -> None:
        assert self.cast.centre
        self.hotline, self.authority = Hotline(self.cast), self.cast.authority
        self.issuer, self.reader = (self.cast.actor(self.authority, role) for role in ("investigator", "analyst"))
        self.providers = [self.cast.pixelpost, self.cast.other_provider]
        self.leads = [self.cast.actor(one, "lead") for one in self.providers]

    def input(self, kind: str = OrderKind.CONTENT, *, recipients: int = 1, **changed: Any) -> OrderInput:
        """A complete order."""
        whom = tuple(one.organisation_id for one in self.providers[:recipients])
        return OrderInput(**{"kind": kind, "recipients": whom, "token": uuid4(), **fields_of(kind), **changed})

    def issued(self, kind: str = OrderKind.CONTENT, *, recipients: int = 1, **changed: Any) -> UUID:
        """An order that is issued."""
        return issue.issue(self.issuer, self.input(kind, recipients=recipients, **changed))

    def copy(self, order: UUID, provider: int = 0) -> UUID:
        """The copy of a provider."""
        with acting(self.issuer):
            return OrderCopy.objects.get(order=order, grantee_id=self.providers[provider].organisation_id).pk

    def state(self, copy: UUID, provider: int = 0) -> str:
        """State of a copy, as its recipient sees it."""
        return self.seen(copy, provider).state

    def seen(self, copy: UUID, provider: int = 0) -> detail.CopyView:
        """A copy as its recipient sees it."""
        return detail.load_received(self.leads[provider], copy)

    def escalated(self) -> UUID:
        """A case whose host has refused."""
        case, notice = self.hotline.notified()
        with acting(self.hotline.analyst):
            row = Notice.objects.get(pk=notice)
            notify.step(self.hotline.analyst, row, StepKind.SENT)
        notify.answered(self.hotline.analyst, notice, StepKind.REFUSED, reason="Not illegal here.")
        return case

    def requested(self, case: UUID | None = None) -> UUID:
        """A request of the hotline to the authority."""
        reason = "The host has refused."
        return order_requests.ask(
            self.hotline.analyst, case or self.escalated(), self.authority.organisation_id, reason
        )


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A time in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def states(orders: Orders, order: UUID) -> set[str]:
    """The states of all copies, as the authority sees them."""
    with acting(orders.issuer):
        found = copies.with_state(copies.issued(orders.issuer)).filter(order=order)
        return {OrderState(one.state).value for one in found}
