"""Withdrawals for an authority that the Centre cannot reach: fetched, or sent as a signed file.

1. The outbox holds the pending withdrawals. A withdrawal has one key and counts once, delivered, fetched or carried.
2. A withdrawal is pending until the authority acknowledges it, over the network or in its file of answers.

A referral that arrives after its report was withdrawn is withdrawn on arrival: the authority stores withdrawals of
reports that it does not have yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import sign
from tutela.exchange.referral.withdrawal import (
    MOST_WITHDRAWALS,
    WITHDRAWALS_CONTEXT,
    CarriedWithdrawal,
    Withdrawals,
    WithdrawalsTaken,
)
from tutela.exchange.referral.withdrawal import Withdrawal as Wire
from tutela.organisations.keys import signing
from tutela.organisations.messages import outbox, outbox_status
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES, Kind

KIND = "withdrawal"
# One of ten thousand reports has 400 kB; of large ones a file holds fewer, and always one.
MOST_BYTES = 4 << 20


def pending_withdrawals(centre: Actor, sender: Actor) -> Withdrawals:
    """Withdrawals not yet delivered to an authority."""
    with acting(centre):
        found = _of(centre, sender.organisation_id)
        if found.withdrawals:
            record(centre, "withdrawal.fetched", "organisation", sender.organisation_id, count=len(found.withdrawals))
    return found


def taken(centre: Actor, sender: Actor, said: WithdrawalsTaken) -> None:
    """The authority has these: they wait no longer."""
    with acting(centre):
        count = outbox.settle(centre, sender.organisation_id, KIND, said.keys)
        record(centre, "withdrawal.taken", "organisation", sender.organisation_id, count=count)


def for_whom(actor: Actor) -> list[tuple[directory.DirectoryEntry, int]]:
    """The authorities for which withdrawals wait, and how many."""
    actor.require("reports.refer")
    with acting(actor):
        found = [(directory.entry(one), count) for one, count in outbox_status.waiting_for(actor, KIND).items()]
    return sorted((pair for pair in found if Kind(pair[0].kind) in AUTHORITIES), key=lambda pair: pair[0].name)


def write(actor: Actor, authority_id: UUID) -> bytes:
    """Return the signed file of withdrawals pending for an authority. Raises `NotFound` if none are pending."""
    actor.require("reports.refer")
    key = signing.current_private(actor.organisation_id, "receipt")
    with acting(actor):
        found = _of(actor, authority_id)
        if not found.withdrawals or Kind(directory.entry(authority_id).kind) not in AUTHORITIES:
            raise NotFound
        record(
            actor,
            "withdrawal.exported_signed",
            "organisation",
            authority_id,
            count=len(found.withdrawals),
            more=found.more,
        )
    return sign(found.to_bytes(), WITHDRAWALS_CONTEXT, key).to_bytes()


def _of(centre: Actor, authority_id: UUID) -> Withdrawals:
    rows = outbox.bodies(centre, authority_id, [KIND], MOST_WITHDRAWALS + 1)
    carried = [
        CarriedWithdrawal(key=key, body=Wire.from_bytes(body.encode()))
        for _id, _kind, key, body in rows[:MOST_WITHDRAWALS]
    ]
    fitting = _fitting(carried)
    return Withdrawals(
        authority_id=authority_id,
        centre=centre.organisation_name,
        at=clock.now(),
        withdrawals=fitting,
        more=len(rows) > len(fitting),
    )


def _fitting(carried: Iterable[CarriedWithdrawal]) -> tuple[CarriedWithdrawal, ...]:
    found, size = list[CarriedWithdrawal](), 0
    for one in carried:
        size += len(one.to_bytes())
        if found and size > MOST_BYTES:
            break
        found.append(one)
    return tuple(found)
