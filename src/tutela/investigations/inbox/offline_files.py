"""Offline files of an authority in place of messages: signed referrals come in, signed answers go out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Conflict
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import TrustedKeys, sign, trusted_keys
from tutela.exchange.referral.offline_files import (
    ANSWERS_CONTEXT,
    MOST_MESSAGES,
    AnswerMessage,
    Answers,
    read_answers,
    read_late,
    read_referral,
    read_withdrawals,
)
from tutela.investigations.errors import ForAnother
from tutela.investigations.inbox import fetched_withdrawals, receive
from tutela.investigations.inbox.fetched_withdrawals import TAKEN
from tutela.organisations.keys import signing
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory

# The order in which a Centre can take them: each rests on those before it.
KINDS = ("acknowledgement", "outcome", "hold", "hold_end", "return", TAKEN)
# A Centre takes a file of 2.5 MB. In the envelope a message is a third longer: these are 2 MB, with room for the rest.
MOST_BYTES = 3 << 19


class NothingToSay(Conflict):
    """All answers have already been handed over."""


@dataclass(frozen=True)
class OpenedReferral:
    """Referral from an opened file."""

    referral_id: UUID
    number: str
    urgent: bool
    files: int


def open_file(actor: Actor, file: Path) -> OpenedReferral:
    """Verify a referral's file and take it into the inbox, once.

    Raises `NotAHandoverError`, `UnknownKeyError` where the Centre's receipt key is not known here, `ForAnother`.
    """
    keys = _centre_keys()
    package, late = read_referral(file, keys), read_late(file, keys)
    centre = directory.the_centre()
    if centre is None:
        raise ForAnother(authority=package.centre)
    sender = directory.acting_for(centre, "file:referral", centre.name)
    here = directory.entry(actor.organisation_id)
    receive.receive(sender, here, f"file:{package.referral_id}", package.to_bytes())
    return OpenedReferral(
        package.referral_id, package.case_number, package.assessment.urgent, len(package.evidence) + len(late)
    )


def open_withdrawals(actor: Actor, data: bytes) -> tuple[int, bool]:
    """Verify a withdrawals' file and note what no longer holds: how many, and whether more wait at the Centre.

    Raises as `open_file`.
    """
    found, centre = read_withdrawals(data, _centre_keys()), directory.the_centre()
    if found.authority_id != actor.organisation_id or centre is None:
        raise ForAnother(authority=str(found.authority_id))
    return fetched_withdrawals.take(actor, centre, found, "file:withdrawals"), found.more


def _centre_keys() -> TrustedKeys:
    known = signing.known_public_keys("receipt")
    return trusted_keys(Ed25519PublicKey.from_public_bytes(public) for public in known.values())


def answers(actor: Actor) -> tuple[bytes, int]:
    """The pending answers to the Centre as one signed file, and the number of messages left for the next file.

    The oldest come first, as many as fit; they stay pending until `handed_over`. Raises `NothingToSay`, `NoSigningKey`.
    """
    centre = directory.the_centre()
    waiting = outbox.bodies(actor, centre.id, KINDS) if centre else []
    if centre is None or not waiting:
        raise NothingToSay
    fitting = _fitting(
        AnswerMessage.model_validate({"kind": kind, "key": key, "body": json.loads(body)})
        for _id, kind, key, body in waiting
    )
    message = Answers(
        authority_id=actor.organisation_id, authority=actor.organisation_name, at=clock.now(), messages=fitting
    )
    key = signing.current_private(actor.organisation_id, "answer")
    left = len(waiting) - len(fitting)
    with acting(actor):
        record(actor, "answers.written", "organisation", centre.id, messages=len(fitting), left=left)
    return sign(message.to_bytes(), ANSWERS_CONTEXT, key).to_bytes(), left


def _fitting(messages: Iterable[AnswerMessage]) -> tuple[AnswerMessage, ...]:
    """Messages that fit in a file, at least one."""
    found, size = list[AnswerMessage](), 0
    for one in messages:
        size += len(one.to_bytes()) + 1
        if found and (size > MOST_BYTES or len(found) == MOST_MESSAGES):
            break
        found.append(one)
    return tuple(found)


def handed_over(actor: Actor, data: bytes) -> int:
    """Mark the answers in this file as delivered, and return how many. Raises as `offline_files.read_answers`."""
    own = [one.public for one in signing.public_keys(actor.organisation_id, "answer")]
    keys = trusted_keys(Ed25519PublicKey.from_public_bytes(bytes(public)) for public in own)
    said, _key = read_answers(data, keys)
    centre = directory.the_centre()
    if centre is None:
        raise NothingToSay
    with acting(actor):
        count = sum(outbox.settle(actor, centre.id, one.kind, [one.key]) for one in said.messages)
        record(actor, "answers.handed_over", "organisation", centre.id, messages=count)
    return count
