"""Security keys for actions: the keys that people also sign in with, stored by the sign-in library.

A key is bound to a site, the host of the public address. A key that was added under another name, or under a bare
address, cannot be used for actions. The manufacturer's attestation is not requested.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
    UserVerificationRequirement,
)

from tutela import clock
from tutela.exchange.register.approval import KeyAnswer
from tutela.organisations.errors import KeyUnknown, KeyUnreadable

MOST_ANSWER = 20_000
_CURVES: dict[int, type[ec.EllipticCurve]] = {1: ec.SECP256R1, 2: ec.SECP384R1}


@dataclass(frozen=True)
class SecurityKey:
    """A person's key. `usable` here: of this site, and of a kind that acts know."""

    pk: int
    name: str
    added: datetime
    last_used: datetime | None
    credential: AttestedCredentialData
    public: bytes
    counter: int
    usable: bool


def site() -> str:
    """The name that keys are bound to."""
    return urlsplit(settings.PUBLIC_URL).hostname or ""


def origin() -> str:
    """The address that a browser must have been at."""
    parts = urlsplit(settings.PUBLIC_URL)
    return f"{parts.scheme}://{parts.netloc}"


def keys_of(person_id: UUID) -> list[SecurityKey]:
    """A person's keys, the oldest first."""
    rows = Authenticator.objects.filter(user_id=person_id, type=Authenticator.Type.WEBAUTHN).order_by("pk")
    return [_key(row) for row in rows]


def question(person_id: UUID, asked: bytes) -> dict[str, Any]:
    """Return the options for `navigator.credentials.get`, with bytes in base64url; only usable keys may answer."""
    known = [one.credential for one in keys_of(person_id) if one.usable]
    made, _state = _server().authenticate_begin(
        known, user_verification=UserVerificationRequirement.PREFERRED, challenge=asked
    )
    return dict(made)["publicKey"]  # type: ignore[no-any-return]


def answered(person_id: UUID, text: str) -> tuple[SecurityKey, KeyAnswer]:
    """A browser's answer, of a key that the person has now. Raises `KeyUnreadable`, `KeyUnknown`. Verifies nothing."""
    try:
        if len(text) > MOST_ANSWER:
            raise KeyUnreadable
        said = AuthenticationResponse.from_dict(json.loads(text))
        raw, response = bytes(said.raw_id), said.response
        parts = bytes(response.authenticator_data), bytes(response.client_data), bytes(response.signature)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, struct.error):
        raise KeyUnreadable from None
    key = next((one for one in keys_of(person_id) if one.usable and one.credential.credential_id == raw), None)
    if key is None:
        raise KeyUnknown
    return key, KeyAnswer(raw, key.public, *parts)


def accepted(key: SecurityKey, text: str, asked: bytes) -> bool:
    """Whether the library takes the answer as well: two readers must agree (the other is `register.approval`)."""
    state = {"challenge": websafe_encode(asked), "user_verification": UserVerificationRequirement.PREFERRED}
    try:
        _server().authenticate_complete(state, [key.credential], json.loads(text))
    except (ValueError, TypeError, KeyError):
        return False
    return True


def used(key: SecurityKey) -> None:
    """Note when a key was last used."""
    Authenticator.objects.filter(pk=key.pk).update(last_used_at=clock.now())


def _key(row: Authenticator) -> SecurityKey:
    made = RegistrationResponse.from_dict(row.data["credential"]).response.attestation_object.auth_data
    credential = made.credential_data
    assert credential is not None, "a registration must name its key"
    public = _public(credential.public_key)
    return SecurityKey(
        row.pk,
        str(row.data["name"]),
        row.created_at,
        row.last_used_at,
        credential,
        public,
        made.counter,
        bool(public) and made.rp_id_hash == _server().rp.id_hash,
    )


def _server() -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(name="Tutela", id=site()))


def _public(key: CoseKey) -> bytes:
    """The key in DER (RFC 9053 read by kind); empty for a kind that acts do not know."""
    kind = key.get(1)
    made: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey | None = None
    if kind == 2 and key.get(-1) in _CURVES:
        x, y = int.from_bytes(key[-2]), int.from_bytes(key[-3])
        made = ec.EllipticCurvePublicNumbers(x, y, _CURVES[key[-1]]()).public_key()
    elif kind == 1 and key.get(-1) == 6:
        made = ed25519.Ed25519PublicKey.from_public_bytes(key[-2])
    elif kind == 3 and key.get(3) == -257:
        made = rsa.RSAPublicNumbers(int.from_bytes(key[-2]), int.from_bytes(key[-1])).public_key()
    return made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if made else b""
