"""Sign messages between organisations, and verify them with the sender's key in the directory.

1. A Centre signs with its key `receipt`, an authority with `answer`: the other side has compared these keys already.
   All other organisations sign with a key `message`.
2. The signature names sender, addressee, path, idempotency key, digest of the body and moment (`exchange.message`).
3. Signatures of a revoked key are invalid. A retired key is valid for messages signed before its retirement.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import IntegrityError

from tutela import clock
from tutela.events.actor import Actor
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_envelope import key_id
from tutela.exchange.message.signed_message import check, key_named, signature, stated
from tutela.organisations.errors import NotSigned, NotSignedBySender
from tutela.organisations.keys import signing
from tutela.organisations.models import SigningKey
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES

type Signer = Callable[[str, str, bytes], str]


def use_of(kind: str) -> str:
    """The use of the key with which an organisation of this kind signs its messages."""
    return {"centre": "receipt", **dict.fromkeys(AUTHORITIES, "answer")}.get(kind, "message")


def must_sign(kind: str) -> bool:
    """Whether messages of this kind of organisation need a signature. A provider may file with its API key alone."""
    return kind != "provider"


def public_key(actor: Actor) -> tuple[str, str]:
    """The use and the public half, in hex, of the key with which the actor's organisation signs its messages."""
    return use_of(actor.organisation_kind), private_key(actor).public_key().public_bytes_raw().hex()


def signer(actor: Actor, recipient_id: UUID) -> Signer:
    """Return a function that signs the actor's messages to one recipient: path, idempotency key and body give the
    header.

    The function raises `NoSigningKey` if the key was revoked and there is no new one.
    """
    held: list[Ed25519PrivateKey] = []

    def sign(path: str, key: str, body: bytes) -> str:
        if not held:
            held.append(private_key(actor))
        return signature(stated(actor.organisation_id, recipient_id, path, key, body, clock.now()), held[0])

    return sign


def verify(sender: Actor, recipient_id: UUID, path: str, key: str, body: bytes, header: str) -> None:
    """Verify the signature of a received message. Raises `NotSigned`, `NotSignedBySender`.

    If a sender may file with its API key alone, a signature by an unknown key is ignored.
    """
    if not header:
        if must_sign(sender.organisation_kind):
            raise NotSigned
        return
    rows = SigningKey.objects.filter(
        organisation_id=sender.organisation_id, use=use_of(sender.organisation_kind)
    ).exclude(ended_as="revoked")
    public = {key_id(one): (one, row.ended_at) for row in rows if (one := _public(row))}
    try:
        named = key_named(header)
        if named not in public and not must_sign(sender.organisation_kind):
            return
        expected = stated(sender.organisation_id, recipient_id, path, key, body, clock.now())
        at = check(header, expected, {name: one for name, (one, _until) in public.items()})
    except (ExchangeError, ValueError) as error:
        raise NotSignedBySender("The signature of this message is not valid: {why}", why=str(error)) from None
    until = public[named][1]
    if until is not None and at > until:
        raise NotSignedBySender


def _public(row: SigningKey) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes(row.public))


def private_key(actor: Actor) -> Ed25519PrivateKey:
    """The current key; made with the first message of an organisation that never had one."""
    use = use_of(actor.organisation_kind)
    if not SigningKey.objects.filter(organisation_id=actor.organisation_id, use=use).exists():
        with suppress(IntegrityError):  # a message to somebody else was sent at the same moment
            signing.create_key(actor, use)
    return signing.current_private(actor.organisation_id, use)
