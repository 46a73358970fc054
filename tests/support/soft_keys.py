"""Security keys in software, for tests: they answer as a real one does, and do whatever an attack needs."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from django.test import override_settings
from fido2.cose import ES256, ES384, RS256, CoseKey, EdDSA
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from tutela import clock
from tutela.events.actor import Actor
from tutela.exchange.register.approval import Act
from tutela.organisations.approvals import approve
from tutela.organisations.approvals.approve import ApprovalInput

SITE, ORIGIN = "register.example", "https://register.example"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
# How each kind of key is made and signs.
KINDS: dict[str, tuple[Any, Any, Any]] = {
    "ES256": (lambda: ec.generate_private_key(ec.SECP256R1()), ES256, lambda k, d: k.sign(d, ec.ECDSA(SHA256()))),
    "ES384": (lambda: ec.generate_private_key(ec.SECP384R1()), ES384, lambda k, d: k.sign(d, ec.ECDSA(SHA384()))),
    "EdDSA": (ed25519.Ed25519PrivateKey.generate, EdDSA, lambda k, d: k.sign(d)),
    "RS256": (
        lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
        RS256,
        lambda k, d: k.sign(d, PKCS1v15(), SHA256()),
    ),
}


@contextmanager
def at(address: str = ORIGIN) -> Iterator[None]:
    """The node is reached at an address with a name, to which keys are bound."""
    with override_settings(PUBLIC_URL=address):
        yield


class SoftKey:
    """A key of one site. `counter` is what it said last."""

    def __init__(self, kind: str = "ES256", *, site: str = SITE, counter: int = 0) -> None:
        make, self._cose, self._sign = KINDS[kind]
        self.key, self.site, self.counter = make(), site, counter
        self.credential = secrets.token_bytes(32)

    def added_by(self, person: UUID | None, name: str = "On my ring", *, days: int = 10) -> SoftKey:
        """Register it for a person, as the page of the sign-in library keeps it, so many days ago."""
        public: CoseKey = self._cose.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(Aaguid.NONE, self.credential, public)
        flags = AuthenticatorData.FLAG(PRESENT | ATTESTED)
        data = AuthenticatorData.create(hashlib.sha256(self.site.encode()).digest(), flags, self.counter, made)
        client = CollectedClientData.create("webauthn.create", secrets.token_bytes(32), f"https://{self.site}")
        credential = {
            "id": websafe_encode(self.credential),
            "rawId": websafe_encode(self.credential),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            },
        }
        kept = {"name": name, "credential": credential}
        added = clock.now() - timedelta(days=days)
        Authenticator.objects.create(user_id=person, type=Authenticator.Type.WEBAUTHN, data=kept, created_at=added)
        return self

    def answer(
        self,
        challenge: bytes,
        *,
        origin: str = ORIGIN,
        flags: int = PRESENT | VERIFIED,
        count: int | None = None,
        kind: str = "webauthn.get",
        **client: Any,
    ) -> str:
        """What the browser sends. Each answer counts up, unless `count` says otherwise."""
        self.counter = self.counter + 1 if count is None else count
        said = CollectedClientData.create(kind, challenge, origin, **client)
        site = hashlib.sha256(self.site.encode()).digest()
        data = AuthenticatorData.create(site, AuthenticatorData.FLAG(flags), self.counter)
        response = {"clientDataJSON": said, "authenticatorData": data, "signature": self._signed(data, said)}
        return json.dumps(
            {
                "id": websafe_encode(self.credential),
                "rawId": websafe_encode(self.credential),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": {name: websafe_encode(raw) for name, raw in response.items()},
            }
        )

    def _signed(self, data: bytes, client: bytes) -> bytes:
        return bytes(self._sign(self.key, bytes(data) + hashlib.sha256(client).digest()))

    def confirms(self, actor: Actor, act: Act, **how: Any) -> ApprovalInput:
        """Ask this person about an act, and answer with this key."""
        asked = approve.ask(actor, act)
        return ApprovalInput(asked.challenge, self.answer(asked.challenge, **how))
