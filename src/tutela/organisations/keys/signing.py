"""Signing keys of organisations, by use: those of `USES`.

All are Ed25519 keys except two secret scalars. One computes the values of the certified set, the other the values of
private look-ups. An Ed25519 key may be stored in a PKCS#11 token (`pkcs11`); the scalars are needed for calculations
and cannot.

A key is current, retired (rotated; its signatures stay valid) or revoked (its signatures are no longer trusted).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.sql import Statement, run_statements
from tutela.events.transaction import acting
from tutela.organisations.errors import NoSigningKey, NoToken
from tutela.organisations.keys import pkcs11
from tutela.organisations.keys.envelope_encryption import CannotUnwrap, unwrap, wrap
from tutela.organisations.models import SigningKey
from tutela.tlog.vrf import Secret

CURRENT = (
    "SELECT key_id, wrapped_private, public FROM organisations_signingkey"
    " WHERE organisation_id = %s AND use = %s AND ended_at IS NULL"
)
USES = ("receipt", "release", "checkpoint", "certification", "answer", "message", "log", "values", "lookup")
SCALARS = ("values", "lookup")
_on_revoked: list[Callable[[UUID, str], None]] = []


@dataclass(frozen=True)
class PublicKey:
    """Public part of a signing key. `state` is current, retired or revoked."""

    key_id: str
    use: str
    public: bytes
    state: str
    organisation_id: UUID


def key_id_of(public: bytes) -> str:
    """SHA-256 of the raw 32-byte public key, in hex."""
    return hashlib.sha256(public).hexdigest()


def create_key(actor: Actor, use: str, *, in_token: bool = False) -> PublicKey:
    """Make a current key for a use; the one before is retired in the same transaction. Raises `NoToken`."""
    if in_token and use in SCALARS:
        raise NoToken("A key for this use cannot be in a token, because a token can only sign.")
    private, public = pkcs11.create(use) if in_token else _fresh(use)
    key_id = key_id_of(public)
    with acting(actor):
        SigningKey.objects.filter(organisation_id=actor.organisation_id, use=use, ended_at=None).update(
            ended_at=clock.now(), ended_by=actor.reference, ended_as="retired"
        )
        row = SigningKey.objects.create(
            organisation_id=actor.organisation_id,
            use=use,
            key_id=key_id,
            public=public,
            wrapped_private=wrap(private, f"signing:{key_id}"),
            by=actor.reference,
        )
        record(actor, "key.created", "signing_key", key_id, use=use)
    return _public(row)


def revoke_key(actor: Actor, key_id: str) -> None:
    """Revoke a key, so that its signatures are no longer trusted.

    Its use may have no current key afterwards. Listeners are notified.
    """
    with acting(actor):
        row = SigningKey.objects.select_for_update().get(organisation_id=actor.organisation_id, key_id=key_id)
        row.ended_at, row.ended_by, row.ended_as = clock.now(), actor.reference, "revoked"
        row.save()
        record(actor, "key.revoked", "signing_key", key_id, use=row.use)
        for listener in _on_revoked:
            listener(actor.organisation_id, row.use)
        kept = unwrap(bytes(row.wrapped_private), f"signing:{key_id}")
    if kept.startswith(pkcs11.MARK):
        pkcs11.destroy(kept)


def on_revoked(listener: Callable[[UUID, str], None]) -> None:
    """Subscribe to revoked keys: organisation and use, in their transaction.

    For `app/wiring.py`.
    """
    _on_revoked.append(listener)


def in_token(organisation_id: UUID, key_id: str) -> bool:
    """Whether a key lives in a token."""
    row = SigningKey.objects.filter(organisation_id=organisation_id, key_id=key_id).first()
    return row is not None and unwrap(bytes(row.wrapped_private), f"signing:{key_id}").startswith(pkcs11.MARK)


def current_private(organisation_id: UUID, use: str) -> Ed25519PrivateKey:
    """The private key now in use, in the database or a token. Raises `NoSigningKey` if there is none."""
    return private_of(run_statements([asking(organisation_id, use)])[0])


def asking(organisation_id: UUID, use: str) -> Statement:
    """The query for the key now in use, to be sent together with others (`private_of`)."""
    return CURRENT, [organisation_id, use]


def private_of(rows: Sequence[tuple[Any, ...]]) -> Ed25519PrivateKey:
    """The private key from the rows of `asking`. Raises `NoSigningKey` if there is none."""
    kept, public = _opened(rows)
    return pkcs11.key(kept, public) if kept.startswith(pkcs11.MARK) else Ed25519PrivateKey.from_private_bytes(kept)


def current_values_secret(organisation_id: UUID) -> Secret:
    """The secret of the certified set's values. Raises `NoSigningKey` if there is none."""
    return Secret.from_scalar(_current(organisation_id, "values")[0])


def current_lookup_secret(organisation_id: UUID) -> Secret:
    """The secret of private look-ups. Raises `NoSigningKey` if there is none."""
    return Secret.from_scalar(_current(organisation_id, "lookup")[0])


def _current(organisation_id: UUID, use: str) -> tuple[bytes, bytes]:
    return _opened(run_statements([asking(organisation_id, use)])[0])


def _opened(rows: Sequence[tuple[Any, ...]]) -> tuple[bytes, bytes]:
    if not rows:
        raise NoSigningKey
    ((key_id, wrapped, public),) = rows
    if not wrapped:  # its private half is elsewhere
        raise NoSigningKey
    return unwrap(bytes(wrapped), f"signing:{key_id}"), bytes(public)


def _fresh(use: str) -> tuple[bytes, bytes]:
    if use in SCALARS:
        secret = Secret.generate()
        return secret.scalar, secret.public
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_keys(organisation_id: UUID, use: str | None = None) -> list[PublicKey]:
    """Every key of an organisation, newest first."""
    rows = SigningKey.objects.filter(organisation_id=organisation_id).order_by("-at")
    return [_public(row) for row in (rows.filter(use=use) if use else rows)]


def own_keys(use: str, of: Iterable[UUID] | None = None) -> list[PublicKey]:
    """Return the keys of a use that are not revoked and whose private half this node sealed.

    If organisations are given, only their keys are returned. A row that somebody else inserted, with a key of their
    own, has no such private half.
    """
    return [one for one in ever_own_keys(use, of) if one.state != "revoked"]


def ever_own_keys(use: str, of: Iterable[UUID] | None = None) -> list[PublicKey]:
    """Return the keys as `own_keys` does, with revoked ones: to read what this node signed, never to trust it."""
    rows = SigningKey.objects.filter(use=use).order_by("at")
    if of is not None:
        rows = rows.filter(organisation_id__in=set(of))
    own = (row for row in rows if _is_own(use, row.key_id, bytes(row.public), bytes(row.wrapped_private)))
    return [_public(row) for row in own]


@lru_cache(maxsize=1024)
def _is_own(use: str, key_id: str, public: bytes, wrapped: bytes) -> bool:
    try:
        kept = unwrap(wrapped, f"signing:{key_id}")
        # Of a key in a token its name alone is kept, and that was sealed for this key's id.
        half = public if kept.startswith(pkcs11.MARK) else _public_half(use, kept)
    except (CannotUnwrap, ValueError):  # a scalar's row that says another use, or the other way round
        return False
    return (key_id_of(public), half) == (key_id, public)


def _public_half(use: str, private: bytes) -> bytes:
    if use in SCALARS:
        return Secret.from_scalar(private).public
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _public(row: SigningKey) -> PublicKey:
    return PublicKey(row.key_id, row.use, bytes(row.public), row.ended_as or "current", row.organisation_id)


def owner_of(key: str) -> UUID:
    """Return the organisation that owns a key. Raises `NoSigningKey`."""
    row = SigningKey.objects.filter(key_id=key).first()
    if row is None:
        raise NoSigningKey
    return UUID(str(row.organisation_id))


def trust(actor: Actor, organisation_id: UUID, use: str, public: str) -> PublicKey:
    """Enter the public key of an organisation whose private half is elsewhere; compare it by a second way first.

    The one before of that use is retired. Raises `Invalid` naming the field.
    """
    actor.require("organisation.manage")
    try:
        raw = bytes.fromhex(public)
        Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        raise Invalid("A public key must be 64 hex digits.", field="public") from None
    if SigningKey.objects.filter(key_id=key_id_of(raw)).exists():
        raise Invalid("This key was already entered.", field="public")
    with acting(actor):
        rows = SigningKey.objects.filter(organisation_id=organisation_id, use=use, ended_at=None)
        rows.update(ended_at=clock.now(), ended_by=actor.reference, ended_as="retired")
        row = SigningKey.objects.create(
            organisation_id=organisation_id,
            use=use,
            key_id=key_id_of(raw),
            public=raw,
            wrapped_private=b"",
            by=actor.reference,
        )
        record(actor, "key.trusted", "signing_key", row.key_id, use=use, holder=organisation_id)
    return _public(row)


def known_public_keys(use: str) -> dict[str, bytes]:
    """Every key of a use on this node that is not revoked, by key id."""
    rows = SigningKey.objects.filter(use=use).exclude(ended_as="revoked")
    return {row.key_id: bytes(row.public) for row in rows}
