"""Signed envelopes: the signer, and the kind of the signed message.

The signature covers the context ("tutela/release-head/1") together with the payload, each with its length. A signature
over one kind of message is therefore never valid for another (the construction of DSSE's pre-authentication encoding).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tutela.exchange.errors import (
    ContextMismatchError,
    EnvelopeMalformedError,
    KeyMalformedError,
    NotJsonError,
    SignatureInvalidError,
    UnknownKeyError,
)
from tutela.exchange.message.canonical_json import canonical, parse

_FIELDS = {"context", "key_id", "payload", "signature"}
_SIGNATURE_BYTES = 64

type TrustedKeys = Mapping[str, Ed25519PublicKey]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its signature. Nothing in it may be used before `verify`."""

    payload: bytes
    context: str
    key_id: str
    signature: bytes

    def to_bytes(self) -> bytes:
        """The envelope as canonical JSON; payload and signature in base64."""
        return canonical(
            {
                "context": self.context,
                "key_id": self.key_id,
                "payload": base64.b64encode(self.payload).decode(),
                "signature": base64.b64encode(self.signature).decode(),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Envelope:
        """Read an envelope. Raises EnvelopeMalformedError."""
        try:
            value = parse(data)
        except NotJsonError as error:
            raise EnvelopeMalformedError(error.detail) from None
        if not isinstance(value, Mapping) or set(value) != _FIELDS:
            raise EnvelopeMalformedError("The envelope has other fields.")
        texts = {name: text for name, text in value.items() if isinstance(text, str)}
        if len(texts) != len(_FIELDS):
            raise EnvelopeMalformedError("A field is not text.")
        signature = _unbase64(texts["signature"])
        if len(signature) != _SIGNATURE_BYTES:
            raise EnvelopeMalformedError("The signature has another length.")
        return cls(_unbase64(texts["payload"]), texts["context"], texts["key_id"], signature)


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a key: SHA-256 of its 32 raw bytes, in hex."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def trusted_keys(keys: Iterable[str | Ed25519PublicKey]) -> TrustedKeys:
    """Keys by their id, from objects or 64 hex digits. Raises KeyMalformedError."""
    loaded = [_public(key) if isinstance(key, str) else key for key in keys]
    return {key_id(key): key for key in loaded}


def sign(payload: bytes, context: str, key: Ed25519PrivateKey, named: str = "") -> Envelope:
    """Sign a payload for one purpose. `named` is the key's id, for who signs many and knows it."""
    return Envelope(payload, context, named or key_id(key.public_key()), key.sign(_covered(context, payload)))


def verify(envelope: Envelope, context: str, keys: TrustedKeys) -> bytes:
    """The payload, once it is certain that a trusted key signed it for this purpose.

    Raises ContextMismatchError, UnknownKeyError or SignatureInvalidError.
    """
    if envelope.context != context:
        raise ContextMismatchError
    key = keys.get(envelope.key_id)
    if key is None:
        raise UnknownKeyError
    try:
        key.verify(envelope.signature, _covered(context, envelope.payload))
    except InvalidSignature:
        raise SignatureInvalidError from None
    return envelope.payload


def _covered(context: str, payload: bytes) -> bytes:
    name = context.encode()
    return b"TUTELA-SIGNED-1 %d %b %d %b" % (len(name), name, len(payload), payload)


def _public(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(binascii.unhexlify(text))
    except (ValueError, binascii.Error):
        raise KeyMalformedError from None


def _unbase64(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise EnvelopeMalformedError("A field is not base64.") from None
    # Two texts for the same bytes would give one message two digests.
    if base64.b64encode(decoded).decode() != text:
        raise EnvelopeMalformedError("A field is not the canonical base64 of its bytes.")
    return decoded
