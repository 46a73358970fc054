"""Issue an order: to one provider, or a blocking, delisting or detection order to several.

1. The order is complete by its format; an error names the field of the form, and nothing is stored.
2. Each recipient has a copy of its own, with its own steps. It is in the recipient's list with the transaction.
3. The same form sent twice is one order.
4. If the order answers a request of a hotline, the hotline gets the order's number in the same transaction.
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.errors import FormUsed, OneRecipient, OrderNotInForce, UnknownRecipient
from tutela.takedown.models import SIMULATED, Order, OrderCopy, OrderKind, OrderState, OrderStepKind
from tutela.takedown.orders import compose, copies, order_requests, shared_key
from tutela.takedown.orders.compose import OrderInput, Sender

PREFIX = "O"
# Kinds that go to several recipients.
SEVERAL = (OrderKind.BLOCKING, OrderKind.DELISTING)
MOST_RECIPIENTS = 500


def providers() -> list[DirectoryEntry]:
    """Verified providers of the directory."""
    return [one for one in directory.list_organisations(kind="provider") if one.verified]


def issue(actor: Actor, given: OrderInput) -> UUID:
    """Issue an order; returns its ID. Raises `OrderIncomplete`, `UnknownRecipient`, `OneRecipient`,
    `OrderNotInForce`, `FormUsed`.
    """
    actor.require(copies.ISSUE)
    actor.require_verified()
    if given.request is not None and given.kind in SIMULATED:
        # The hotline asked for an order that is in force.
        raise OrderNotInForce
    recipients = _recipients(given)

    def work() -> UUID:
        with acting(actor):
            known = Order.objects.filter(token=given.token).first()
            if known is None:
                return _issued(actor, recipients, given)
            if known.sha256 != _digest(given):
                raise FormUsed(number=known.number)
            return known.pk

    return redrawn(work)


def _recipients(given: OrderInput) -> list[DirectoryEntry]:
    wanted = set(given.recipients)
    found = [one for one in providers() if one.id in wanted]
    if not found or len(found) < len(wanted) or len(found) > MOST_RECIPIENTS:
        raise UnknownRecipient
    if len(found) > 1 and given.kind not in SEVERAL:
        raise OneRecipient
    return found


def _issued(actor: Actor, recipients: list[DirectoryEntry], given: OrderInput) -> UUID:
    at = clock.now()
    row = Order(
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        kind=given.kind,
        simulation=given.kind in SIMULATED,
        language=given.language,
        addresses=len(given.addresses),
        issued_at=at,
        request_id=given.request,
        token=given.token,
        sha256=_digest(given),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    sender = Sender(directory.entry(actor.organisation_id), actor.name[:300])
    made = [_copy(row, one, sender, given) for one in recipients]
    if not insert_ignore(row):
        # The number is taken, or a twin of the form was faster: the next run sees which.
        raise NumberTaken
    insert_all(made)
    first = copies.StepInput(OrderStepKind.ISSUED)
    insert_all(copies.step_row(actor, one, 1, first, OrderState.OPEN) for one in made)
    facts: dict[str, Any] = {"kind": row.kind, "simulation": row.simulation, "addresses": row.addresses}
    record(actor, "order.issued", copies.SUBJECT, row.pk, number=row.number, recipients=len(made), **facts)
    if given.request is not None:
        order_requests.answer_with(actor, given.request, row.number)
    return row.pk


def _digest(given: OrderInput) -> str:
    """Tells whether a form that is sent again is the same."""
    return hashlib.sha256(repr(sorted(vars(given).items())).encode()).hexdigest()


def _copy(row: Order, recipient: DirectoryEntry, sender: Sender, given: OrderInput) -> OrderCopy:
    wire = compose.compose(row.number, sender, recipient.name, row.issued_at, given)
    made = OrderCopy(
        organisation_id=row.organisation_id,
        order=row,
        grantee_id=recipient.id,
        recipient_name=recipient.name[:200],
        issuer_name=sender.entry.name[:200],
        issuer_country=sender.entry.country,
        number=row.number,
        kind=row.kind,
        simulation=row.simulation,
        addresses=row.addresses,
        received_at=row.issued_at,
        due_at=compose.due_at(given, row.issued_at),
    )
    made.wrapped_key, box = shared_key.begin(made.pk)
    made.sealed = box.seal(wire.to_bytes(), copies.copy_purpose(made.pk))
    return made
