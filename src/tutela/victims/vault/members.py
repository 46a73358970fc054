"""Members of the vault: each has a pair of keys whose private half only a hardware key opens.

1. A person enrols a hardware key: the browser makes a pair (P-256), derives a key from the hardware key's pseudorandom
   function (WebAuthn PRF), and encrypts the private half by it. The node gets the public half and ciphertext.
2. The first member makes the vault's key in the browser. Every other one is admitted by a member: both compare the
   fingerprint of the public half, and the member's browser encrypts the vault's key for it.
3. So neither an administrator nor the node can add a reader: a key that no member has admitted has no vault key.
4. The last key does not end while the vault holds an identity. After it ended, the next one begins a new vault.
5. The founder's browser derives a check value from the vault's key. Every browser compares before it stores, opens or
   admits, so that nobody who admits can pass another key on. The value does not tell the key.
6. Ending a key takes the access to ciphertext away. Whoever kept both, outside this node, keeps what was opened.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Conflict, Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.victims.errors import LastVaultKey, NoVaultAccess, UnknownVaultKey, VaultKeyAdmitted
from tutela.victims.models import VaultIdentity, VaultKey
from tutela.victims.vault import shapes

SUBJECT, OPEN = "vault_key", "vault.open"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{16,1368}")
_SALT_BYTES = _CHECK_BYTES = 32
# P-256, SubjectPublicKeyInfo.
_PUBLIC_BYTES = 91


@dataclass(frozen=True)
class EnrolInput:
    """What a browser sends to enrol a hardware key. `vault_key` and `check_value` are of the first member alone."""

    credential: str
    salt: str
    public_half: str
    private_half: str
    vault_key: str = ""
    check_value: str = ""


def fingerprint(public_half: str) -> str:
    """What two people compare: the first 20 hexadecimal digits of the SHA-256 of a public half, in groups of four."""
    digits = hashlib.sha256(base64.b64decode(public_half)).hexdigest()[:20]
    return " ".join(digits[place : place + 4] for place in range(0, 20, 4))


def enrol(actor: Actor, given: EnrolInput) -> UUID:
    """Enrol a hardware key of the actor; returns its ID. Raises `Invalid`, `NoVaultAccess`, `Conflict`."""
    _require_person(actor)
    row = _row(actor, given)
    with acting(actor):
        _lock(actor)
        founded = VaultKey.objects.filter(ended_at=None).exclude(vault_key="").exists()
        if founded == bool(given.vault_key):
            raise Conflict("Another member began the vault. Load the page again.")
        row.vault_key = shapes.vault_key(given.vault_key) if given.vault_key else ""
        row.check_value = _check_value(given.check_value) if given.vault_key else ""
        row.admitted_at = clock.now() if given.vault_key else None
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise Conflict("Another member began the vault. Load the page again.") from None
        record(actor, "vault_key.enrolled", SUBJECT, row.pk, founds=bool(given.vault_key))
    return row.pk


def admit(actor: Actor, key_id: UUID, vault_key: str) -> None:
    """Admit a hardware key, as a member whose browser encrypted the vault's key for it.

    Raises `NoVaultAccess`, `UnknownVaultKey`, `VaultKeyAdmitted`, `Invalid`.
    """
    _require_person(actor)
    sealed = shapes.vault_key(vault_key)
    with acting(actor):
        require_member(actor)
        row = VaultKey.objects.select_for_update().filter(pk=key_id).first()
        if row is None:
            raise UnknownVaultKey
        if row.vault_key or row.ended_at is not None:
            raise VaultKeyAdmitted
        row.vault_key, row.admitted_at = sealed, clock.now()
        row.admitted_by, row.admitted_by_name = actor.reference, actor.name[:200]
        row.save(update_fields=["vault_key", "admitted_at", "admitted_by", "admitted_by_name"])
        record(actor, "vault_key.admitted", SUBJECT, row.pk, of=row.person)


def end(actor: Actor, key_id: UUID) -> None:
    """End a hardware key: lost, or its person has left. Raises `UnknownVaultKey`, `NoVaultAccess`, `LastVaultKey`."""
    _require_person(actor)
    with acting(actor):
        # Two members who end each other's keys wait for one another.
        _lock(actor)
        row = VaultKey.objects.select_for_update().filter(pk=key_id, ended_at=None).first()
        if row is None:
            raise UnknownVaultKey
        if row.person != actor.reference:
            require_member(actor)
        if row.vault_key and _last(row) and VaultIdentity.objects.exclude(ciphertext="").exists():
            raise LastVaultKey
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        record(actor, "vault_key.ended", SUBJECT, row.pk, of=row.person)


def keys(actor: Actor) -> list[VaultKey]:
    """Every hardware key that has not ended, the oldest first."""
    actor.require(OPEN)
    with acting(actor):
        return list(VaultKey.objects.filter(ended_at=None))


def own(actor: Actor) -> list[VaultKey]:
    """The actor's own admitted keys. Call inside `acting(actor)`."""
    return list(VaultKey.objects.filter(person=actor.reference, ended_at=None).exclude(vault_key=""))


def check_value() -> str:
    """What the newest founder's browser derived from the vault's key. Call inside `acting(actor)`."""
    founders = VaultKey.objects.filter(admitted_by="").exclude(vault_key="").order_by("-created_at", "-pk")
    return founders.values_list("check_value", flat=True).first() or ""


def require_member(actor: Actor) -> None:
    """Raise `NoVaultAccess` for somebody without an admitted key. Call inside `acting(actor)`."""
    actor.require(OPEN)
    if not own(actor):
        raise NoVaultAccess


def exists(actor: Actor, key_id: UUID) -> bool:
    """Whether the actor's organisation has this hardware key."""
    with acting(actor):
        return VaultKey.objects.filter(pk=key_id).exists()


def _lock(actor: Actor) -> None:
    lock(f"victims.vault {actor.organisation_id}")


def _last(row: VaultKey) -> bool:
    admitted = VaultKey.objects.filter(ended_at=None).exclude(vault_key="")
    return not admitted.exclude(pk=row.pk).exists()


def _check_value(text: str) -> str:
    if len(shapes.decoded(text, "check_value")) != _CHECK_BYTES:
        raise Invalid("This is not what the vault's script makes.", field="check_value")
    return text


def _require_person(actor: Actor) -> None:
    actor.require(OPEN)
    if actor.person_id is None:
        raise NoVaultAccess


def _row(actor: Actor, given: EnrolInput) -> VaultKey:
    if not _BASE64URL.fullmatch(given.credential):
        raise Invalid("This is not what the vault's script makes.", field="credential")
    if len(shapes.decoded(given.salt, "salt")) != _SALT_BYTES:
        raise Invalid("This is not what the vault's script makes.", field="salt")
    if len(shapes.decoded(given.public_half, "public_half")) != _PUBLIC_BYTES:
        raise Invalid("This is not what the vault's script makes.", field="public_half")
    return VaultKey(
        organisation_id=actor.organisation_id,
        person=actor.reference,
        person_name=actor.name[:200],
        credential=given.credential,
        salt=given.salt,
        public_half=given.public_half,
        private_half=shapes.private_half(given.private_half),
        fingerprint=fingerprint(given.public_half),
    )
