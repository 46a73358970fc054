"""Approval of an action on the register: a statement of the exact action, signed with a security key.

1. The statement is canonical JSON: action, organisation and person, each entry with a digest of its contents, the
   reason, all other choices, a nonce and the time.
2. The challenge for the key is SHA-256 over a fixed prefix and the statement: another entry, hash or reason gives
   another challenge.
3. The browser puts the challenge and its own address into the client data. The key signs its own data together with the
   digest of the client data (WebAuthn, section 7.2). Its own data are the site's name as a digest, the performed
   checks, and a counter.
4. `verify` checks all of it without a node. The reader must confirm the owner of the key through a second channel.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import Field, ValidationError

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.canonical_json import canonical, parse
from tutela.exchange.message.field_types import Line
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.message.translatable_text import marked as _

# Bulk acts end here: 500 digests of an import.
MOST_SUBJECTS = 500
_WORD = b"tutela-act/1\0"
# The key's data: a digest of the site's name, flags, a counter; extensions may follow.
_HEAD, _PRESENT = 37, 0x01
type Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ApprovalError(ExchangeError):
    """The answer of the security key is invalid."""


class ActSubject(Wire):
    """Subject of an action: an indicator with its round and a digest of its hashes, or anything else with an id."""

    id: UUID
    name: Line
    round: Annotated[int, Field(ge=1)] | None = None
    hashes: Hex64 | None = None


class Act(Wire):
    """An act, exactly: two that differ in anything are two acts."""

    name: Line
    subjects: Annotated[tuple[ActSubject, ...], Field(max_length=MOST_SUBJECTS)] = ()
    reason: Annotated[str, Field(max_length=300)] = ""
    chosen: dict[str, Annotated[str, Field(max_length=300)]] = Field(default_factory=dict)


class Statement(Wire):
    """Statement of one action by a person for an organisation."""

    format: Literal["tutela-act/1"] = "tutela-act/1"
    act: Act
    organisation: UUID
    organisation_name: Line
    person: UUID
    nonce: Hex64
    at: Moment

    def lines(self) -> list[str]:
        """Lines of text that describe the statement to a reader."""
        act = self.act
        return [
            f"{self.organisation_name}, person {self.person}, {self.at:%Y-%m-%d %H:%M:%S} UTC: {act.name}",
            *(f"about {one.name} ({one.id})" + (f", round {one.round}" if one.round else "") for one in act.subjects),
            *(f"{name}: {value}" for name, value in act.chosen.items()),
            *([f"reason: {act.reason}"] if act.reason else []),
        ]


@dataclass(frozen=True)
class KeyAnswer:
    """Answer of a security key: its public half (DER) and name, the signed data, and the signature."""

    credential: bytes
    public_key: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    def to_json(self) -> dict[str, str]:
        """All parts in hex."""
        return {name: getattr(self, name).hex() for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, value: Any) -> KeyAnswer:
        """Read what `to_json` wrote. Raises `ApprovalError`."""
        try:
            return cls(**{name: bytes.fromhex(value[name]) for name in cls.__dataclass_fields__})
        except (KeyError, TypeError, ValueError):
            raise ApprovalError(_("The approval cannot be read.")) from None


def covered(commitments: Iterable[str]) -> str:
    """The digest of what an entry has, of the commitments to its hashes that its certifications sign."""
    return hashlib.sha256("\n".join(sorted(commitments)).encode()).hexdigest()


def challenge(statement: bytes) -> bytes:
    """Challenge that a security key signs for a statement."""
    return hashlib.sha256(_WORD + statement).digest()


def verify(statement: bytes, answer: KeyAnswer, *, site: str, origin: str) -> int:
    """The key's counter, once it is certain that this key answered this statement at this site, touched by somebody.

    Raises `ApprovalError` with the reason.
    """
    _check_client(answer.client_data, challenge(statement), origin)
    head = answer.authenticator_data
    if len(head) < _HEAD or head[:32] != hashlib.sha256(site.encode()).digest():
        raise ApprovalError(_("The approval was given for another site."))
    if not head[32] & _PRESENT:
        raise ApprovalError(_("Nobody touched the security key."))
    signed = head + hashlib.sha256(answer.client_data).digest()
    try:
        _check_signature(answer.public_key, answer.signature, signed)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        raise ApprovalError(_("The signature does not belong to this security key.")) from None
    return int.from_bytes(head[33:_HEAD])


def file_of(statement: bytes, answer: KeyAnswer, *, site: str, origin: str) -> dict[str, Any]:
    """A statement with its answer, for who verifies it elsewhere."""
    return {"statement": parse(statement), "site": site, "origin": origin, "answer": answer.to_json()}


def check(file: Any) -> Statement:
    """The statement of what `file_of` made, verified. Raises `ApprovalError`."""
    try:
        statement = canonical(file["statement"])
        verify(statement, KeyAnswer.from_json(file["answer"]), site=str(file["site"]), origin=str(file["origin"]))
        return Statement.from_bytes(statement)
    except ApprovalError:
        raise
    except (ExchangeError, ValidationError, KeyError, TypeError):
        raise ApprovalError(_("The approval cannot be read.")) from None


def key_of(file: Any) -> str:
    """The digest by which the key of a file is known: SHA-256 of its public half, in hex."""
    return hashlib.sha256(KeyAnswer.from_json(file["answer"]).public_key).hexdigest()


def _check_client(client_data: bytes, wanted: bytes, origin: str) -> None:
    try:
        said = json.loads(client_data)
        kind, asked, where = said["type"], said["challenge"], said["origin"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ApprovalError(_("The client data of the approval cannot be read.")) from None
    if kind != "webauthn.get" or said.get("crossOrigin") not in (None, False):
        raise ApprovalError(_("The approval was not given on a page of this site."))
    if asked != base64.urlsafe_b64encode(wanted).rstrip(b"=").decode():
        raise ApprovalError(_("The approval answers another request."))
    if where != origin:
        raise ApprovalError(_("The approval was given at another web address."))


def _check_signature(public_key: bytes, signature: bytes, signed: bytes) -> None:
    key = load_der_public_key(public_key)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        key.verify(signature, signed, ECDSA(hashes.SHA256()))
    elif isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP384R1):
        key.verify(signature, signed, ECDSA(hashes.SHA384()))
    elif isinstance(key, Ed25519PublicKey):
        key.verify(signature, signed)
    elif isinstance(key, RSAPublicKey) and key.key_size >= 2048:
        key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
    else:
        raise ValueError("kind of key")
