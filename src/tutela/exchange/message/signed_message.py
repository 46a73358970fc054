"""Signatures of messages between organisations: sender, addressee, path, key and exact bytes.

The signature is sent in the header `Tutela-Signature`, as the base64 text of a signed envelope (`signed_envelope`); the
body is unchanged. The signature names its addressee, so that a message for one recipient is refused by every other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, ValidationError

from tutela.exchange.errors import EnvelopeMalformedError, ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Sha256
from tutela.exchange.message.signed_envelope import Envelope, TrustedKeys, sign, verify
from tutela.exchange.message.timestamps import Moment

MESSAGE_CONTEXT = "tutela/message/1"
HEADER = "Tutela-Signature"
MOST_HEADER_CHARACTERS = 4000
# A recipient keeps the keys of messages for 400 days and answers a duplicate as before. A shorter window would add no
# security, and a clock that is wrong by an hour would block a node.
CLOCK_TOLERANCE = timedelta(days=1)


class AnotherMessageError(ExchangeError):
    """The signature belongs to another message, recipient or time."""


class Statement(Wire):
    """Statement that a sender signs for one message. `key` is its Idempotency-Key, empty if it has none."""

    sender: UUID
    recipient: UUID
    path: str = Field(max_length=300)
    key: str = Field(max_length=80)
    sha256: Sha256
    at: Moment


def stated(sender: UUID, recipient: UUID, path: str, key: str, body: bytes, at: datetime) -> Statement:
    """The statement about a message."""
    digest = hashlib.sha256(body).hexdigest()
    return Statement(sender=sender, recipient=recipient, path=path, key=key, sha256=digest, at=at)


def signature(statement: Statement, key: Ed25519PrivateKey) -> str:
    """The value of the header."""
    envelope = sign(statement.to_bytes(), MESSAGE_CONTEXT, key)
    return base64.b64encode(envelope.to_bytes()).decode()


def key_named(header: str) -> str:
    """The id of the key that a header claims. Raises `EnvelopeMalformedError`."""
    return _envelope(header).key_id


def check(header: str, expected: Statement, keys: TrustedKeys) -> datetime:
    """Verify that one of `keys` signed exactly `expected`, within `CLOCK_TOLERANCE` of its moment; returns when.

    Raises `AnotherMessageError`, and the errors of `signed_envelope.verify`.
    """
    try:
        found = Statement.from_bytes(verify(_envelope(header), MESSAGE_CONTEXT, keys))
    except ValidationError:
        raise EnvelopeMalformedError from None
    if found.model_copy(update={"at": expected.at}) != expected:
        raise AnotherMessageError
    if abs(found.at - expected.at) > CLOCK_TOLERANCE:
        raise AnotherMessageError("The message was signed more than 24 hours ago, or the clocks differ by as much.")
    return found.at


def _envelope(header: str) -> Envelope:
    if len(header) > MOST_HEADER_CHARACTERS:
        raise EnvelopeMalformedError("The signature is too long.")
    try:
        return Envelope.from_bytes(base64.b64decode(header, validate=True))
    except (binascii.Error, ValueError):
        raise EnvelopeMalformedError("The signature is not base64.") from None
