"""Process withdrawals that were fetched or came in an offline file, and confirm them to the Centre."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.withdrawal import Withdrawals, WithdrawalsTaken
from tutela.investigations.inbox import receive
from tutela.organisations.errors import KeyReused
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory

# A kind of message to the Centre, and of answers in a file.
TAKEN = "withdrawal_taken"


def take(actor: Actor, centre: directory.DirectoryEntry, found: Withdrawals, way: str) -> int:
    """Take each by the door of what is delivered, under its own key; returns how many the list had."""
    sender, here = directory.acting_for(centre, way, centre.name), directory.entry(actor.organisation_id)
    for one in found.withdrawals:
        with suppress(KeyReused):  # it came by another way before, written otherwise
            receive.withdraw(sender, here, one.key, one.body.to_bytes())
    if found.withdrawals:
        _say(actor, centre, [one.key for one in found.withdrawals])
    return len(found.withdrawals)


def _say(actor: Actor, centre: directory.DirectoryEntry, keys: list[str]) -> None:
    message = WithdrawalsTaken(authority=actor.organisation_name, keys=tuple(keys))
    # The same list again, because the Centre has not heard yet, is the same message.
    key = f"{TAKEN}:{hashlib.sha256(message.to_bytes()).hexdigest()[:48]}"
    with acting(actor):
        record(actor, "withdrawal.opened", "organisation", centre.id, count=len(keys))
        outbox.send(
            actor,
            centre.id,
            TAKEN,
            "/api/v1/referral-withdrawals/taken",
            message.to_bytes().decode(),
            key=key,
            subject_id=actor.organisation_id,
        )
