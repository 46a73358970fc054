"""Orders in the demonstration: in force and simulated, answered, late, waiting for a clarification, and withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tutela import clock
from tutela.app.demo.organisations import actor
from tutela.events.actor import Actor
from tutela.takedown.notices import notify
from tutela.takedown.orders import answer, issue, order_requests, withdraw, work_queue
from tutela.takedown.orders.answer import EffectInput
from tutela.takedown.orders.compose import OrderInput, OrderKind

HOUR = timedelta(hours=1)
COMMON: dict[str, Any] = {
    "contact": "orders@landeskriminalamt.example",
    "service": "Pixelpost Albums",
    "reasons": "A trained analyst assessed the items. They infringe the provisions named below.",
    "court": "Amtsgericht",
    "time_limit": "one month",
}
DSA: dict[str, Any] = {
    "act": "National act under Directive 2011/93/EU Art. 25",
    "provisions": ("Directive 2011/93/EU Art. 5",),
    "for_provider": "Objection at the court named above.",
    "for_recipient": "Objection at the court named above.",
}
SIMULATED: dict[str, Any] = {
    "contact_point": "orders@pixelpost.example",
    "follow_up_contact": "orders@landeskriminalamt.example",
    "redress_provisions": "Art. 15 of the proposal",
}
CONTENT: dict[str, Any] = {
    "territory": ("DE", "IE"),
    "scope_reason": "The act applies in one country, and the provider is established in the other.",
}


def play(people: Mapping[str, Actor], cases: list[UUID]) -> None:
    """Play orders of an authority to Pixelpost and Chatterbox. `cases`: cases of a hotline to ask an order for."""
    issuer, lead = people["katrin"], people["priya"]
    _requested(people["aoife"], cases)
    now = clock.now()
    with clock.simulate(now - 80 * HOUR):
        _issue(issuer, OrderKind.CONTENT, addresses=_addresses(2), hours=48, **DSA, **CONTENT)
        late = _issue(issuer, OrderKind.CONTENT, addresses=_addresses(5, 2), hours=24, **DSA, **CONTENT)
        blocking = _blocking(issuer)
        removal = _issue(issuer, OrderKind.REMOVAL, addresses=_addresses(7), grounds=("annex_iv_3_1",), **SIMULATED)
    with clock.simulate(now - 70 * HOUR):
        answer.cannot_yet(lead, _copy(lead, removal), "missing_information", "The page shows 40 pictures. Which one?")
        answer.execute(lead, _copy(lead, blocking), "", clock.now())
    with clock.simulate(now - 30 * HOUR):
        given = EffectInput("partly_given", clock.now(), (0,), "The second address is not ours.")
        answer.give(lead, _copy(lead, late), given)
        withdraw.withdraw(issuer, blocking, "An address belongs to a school.", wrong=True)
    with clock.simulate(now - 6 * HOUR):
        answer.confirm(lead, _copy(lead, blocking), clock.now(), "Removed from all resolvers.")
        _issue(issuer, OrderKind.INFORMATION, hours=72, **DSA, **_information())


def _requested(analyst: Actor, cases: list[UUID]) -> None:
    for case in cases:
        notify.answered(analyst, notify.newest_of(analyst, case), notify.StepKind.REFUSED, reason="No answer is given.")
        order_requests.ask(analyst, case, actor("police-de").organisation_id, "The host refuses to look.")


def _blocking(issuer: Actor) -> UUID:
    today = clock.now().date()
    recipients = tuple(actor(one).organisation_id for one in ("pixelpost", "chatterbox"))
    period = {"begins": today + timedelta(days=7), "ends": today + timedelta(days=180)}
    said = {"addresses": _addresses(9), "safeguards": "Only these exact addresses.", **period, **SIMULATED}
    return _issue(issuer, OrderKind.BLOCKING, recipients=recipients, **said)


def _information() -> dict[str, Any]:
    return {
        "accounts": ("account of the upload of 3 March",),
        "information": ("name", "e-mail address", "time of the last sign-in"),
        "purpose": "To identify who uploaded the items.",
    }


def _addresses(first: int, count: int = 1) -> tuple[tuple[str, str], ...]:
    return tuple((f"https://albums.pixelpost.example/o/{first + number}", "") for number in range(count))


def _issue(issuer: Actor, kind: str, **said: Any) -> UUID:
    given = {"recipients": (actor("pixelpost").organisation_id,), "token": uuid4(), **COMMON, **said}
    return issue.issue(issuer, OrderInput(kind=kind, **given))


def _copy(lead: Actor, order: UUID) -> Any:
    rows, _more = work_queue.list_received(lead, work_queue.OrderFilter(work_queue.ALL))
    return next(row.pk for row in rows if row.order_id == order)
