"""API keys: `tut_<prefix>_<secret>`. Scoped, expiring, rotated, with their last use shown."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.sql import run_statements
from tutela.events.transaction import acting
from tutela.organisations.errors import BadCredentials, OtherRecipient
from tutela.organisations.models import ApiKey
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import SCOPE_HOLDERS, SCOPES, scopes_of

# Writing the last use at every request would make each read a write; a minute is precise enough to spot misuse.
LAST_USE_PRECISION = timedelta(minutes=1)

# Scopes for messages to the Centre only.
TO_THE_CENTRE = frozenset({"reports:submit", "outcomes:submit", "referrals:read"})
# Asked at every call of the API, with the key's organisation and what stands about it.
PRESENTED = (
    "SELECT k.id, k.name, k.secret_hash, k.scopes, k.expires_at, k.last_used_at, k.revoked_at, k.recipient_id,"  # noqa: S608
    f" {directory.COLUMNS} FROM organisations_apikey k JOIN organisations_organisation o ON o.id = k.organisation_id"
    " WHERE k.prefix = %s"
)


@dataclass(frozen=True)
class _Presented:
    """A key as it is looked up."""

    id: UUID
    name: str
    secret_hash: str
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    recipient_id: UUID | None


@dataclass(frozen=True)
class Caller:
    """Holder of a presented key, the directory's verified Centre, and the one recipient the key is for, if any."""

    actor: Actor
    centre: directory.DirectoryEntry | None
    recipient_id: UUID | None = None

    def require_recipient(self, *allowed: UUID | None) -> None:
        """Raise `OtherRecipient` for a key that is for somebody else; one without a recipient is for nobody else."""
        if self.recipient_id is not None and self.recipient_id not in allowed:
            raise OtherRecipient


def create_key(actor: Actor, *, name: str, scopes: list[str], expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """Make a key for the actor's own organisation; returns the row and the secret text, which is never shown again."""
    actor.require("organisation.manage")
    offered = scopes_of(actor.organisation_kind, actor.permissions)
    if set(scopes) - set(offered):
        raise Invalid("The key can have only these permissions: {known}.", field="scopes", known=", ".join(offered))
    return issue_key(
        actor,
        actor.organisation_id,
        name=name,
        scopes=scopes,
        expires_at=expires_at,
        recipient_id=_usual_recipient(scopes),
    )


def issue_key(
    actor: Actor,
    organisation_id: UUID,
    *,
    name: str,
    scopes: list[str],
    expires_at: datetime | None = None,
    recipient_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """Create a key as `create_key` does, for a named organisation.

    For node commands and a Centre that admits a peer. A key issued to another organisation is for messages to the
    issuer. `recipient_id`: the recipient of an own key.
    """
    if organisation_id != actor.organisation_id:
        recipient_id = actor.organisation_id
    unknown = sorted(set(scopes) - set(SCOPES))
    kind = directory.entry(organisation_id).kind
    fitting = [scope for scope in SCOPES if kind in SCOPE_HOLDERS[scope]]
    if unknown or not scopes or set(scopes) - set(fitting):
        raise Invalid("Choose from: {known}.", field="scopes", known=", ".join(fitting))
    if not name.strip():
        raise Invalid("Enter a name that shows where the key is used.", field="name")
    prefix, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    with acting(actor):
        row = ApiKey.objects.create(
            organisation_id=organisation_id,
            name=name.strip(),
            prefix=prefix,
            secret_hash=_hash(secret),
            scopes=sorted(scopes),
            by=actor.reference,
            expires_at=expires_at,
            recipient_id=recipient_id,
        )
        told: dict[str, Any] = {"recipient": recipient_id} if recipient_id else {}
        record(actor, "api_key.created", "api_key", row.id, scopes=sorted(scopes), holder=organisation_id, **told)
    return row, f"tut_{prefix}_{secret}"


def rotate_key(actor: Actor, key_id: UUID) -> tuple[ApiKey, str]:
    """A new key with the same name, scopes and recipient; the old one is revoked in the same transaction.

    One of before keys had recipients gets that which a new key of its scopes has.
    """
    actor.require("organisation.manage")
    with acting(actor):
        old = _own(actor, key_id)
        made = issue_key(
            actor,
            actor.organisation_id,
            name=old.name,
            scopes=list(old.scopes),
            expires_at=old.expires_at,
            recipient_id=old.recipient_id or _usual_recipient(old.scopes),
        )
        revoke_key(actor, key_id)
    return made


def revoke_key(actor: Actor, key_id: UUID) -> None:
    """End a key at once; revoking twice changes nothing."""
    actor.require("organisation.manage")
    with acting(actor):
        row = _own(actor, key_id)
        if row.revoked_at is None:
            row.revoked_at, row.revoked_by = clock.now(), actor.reference
            row.save(update_fields=["revoked_at", "revoked_by"])
            record(actor, "api_key.revoked", "api_key", row.id)


def revoke_issued(actor: Actor, holder_id: UUID, scope: str) -> None:
    """End the keys with a scope that another organisation holds for messages to the actor's."""
    actor.require("organisation.manage")
    with acting(actor):
        rows = _issued(actor, holder_id, scope)
        for pk in list(rows.values_list("pk", flat=True)):
            record(actor, "api_key.revoked", "api_key", pk)
        rows.update(revoked_at=clock.now(), revoked_by=actor.reference)


def has_issued(actor: Actor, holder_id: UUID, scope: str) -> bool:
    """Whether another organisation holds such a key that works."""
    return _issued(actor, holder_id, scope).exists()


def _issued(actor: Actor, holder_id: UUID, scope: str) -> QuerySet[ApiKey]:
    rows = ApiKey.objects.filter(organisation_id=holder_id, recipient_id=actor.organisation_id, revoked_at=None)
    return rows.filter(scopes__contains=[scope])


def keys(actor: Actor) -> list[ApiKey]:
    """The organisation's keys, newest first, revoked ones included."""
    actor.require("organisation.read")
    return list(ApiKey.objects.filter(organisation_id=actor.organisation_id).order_by("-at"))


def bind(actor: Actor, text: str, recipient_id: UUID) -> bool:
    """Say to whom the actor speaks with a key, where this node issued it; returns whether it did.

    A key is for one recipient, for good. Call inside `acting(actor)`. Raises `Invalid`.
    """
    row = ApiKey.objects.select_for_update().filter(prefix=_parts(text)[0]).first()
    if row is None:
        return False
    if row.organisation_id != actor.organisation_id or row.recipient_id not in (None, recipient_id):
        raise Invalid("This key was issued for another recipient. Create a new key.", field="token")
    if row.recipient_id is None:
        row.recipient_id = recipient_id
        row.save(update_fields=["recipient_id"])
        record(actor, "api_key.bound", "api_key", row.id, recipient=recipient_id)
    return True


def issued_here(text: str) -> bool:
    """Whether this node issued a key: then it opens nothing elsewhere, and is shown to nobody else."""
    return ApiKey.objects.filter(prefix=_parts(text)[0]).exists()


def actor_for(text: str) -> Actor:
    """The actor that a presented key is. Raises `BadCredentials`, the same for every reason."""
    return presented(text).actor


def presented(text: str) -> Caller:
    """Return the holder of a key and the directory's verified Centre, in one round trip. As `actor_for`."""
    prefix, secret = _parts(text)
    found, centres = run_statements([(PRESENTED, [prefix]), (directory.CENTRES, [])])
    key, of = (_Presented(*found[0][:8]), directory.entry_of(*found[0][8:])) if found else (None, None)
    matches = hmac.compare_digest(key.secret_hash if key else _hash("none"), _hash(secret))
    now = clock.now()
    if key is None or of is None or not matches or key.revoked_at or (key.expires_at and key.expires_at <= now):
        raise BadCredentials
    if key.last_used_at is None or now - key.last_used_at > LAST_USE_PRECISION:
        ApiKey.objects.filter(pk=key.id).update(last_used_at=now)
    permissions: frozenset[str] = frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in key.scopes))
    actor = directory.acting_for(of, f"key:{key.id}", f"{of.name}, API key “{key.name}”", permissions)
    return Caller(actor, directory.verified_centre(centres), key.recipient_id)


def _parts(text: str) -> tuple[str, str]:
    """Prefix and secret of what was presented."""
    prefix, _, secret = text.removeprefix("tut_").partition("_")
    return prefix if "\0" not in prefix else "", secret


def _usual_recipient(scopes: Iterable[str]) -> UUID | None:
    """The usual recipient of an organisation's own key: the Centre, if a scope requires it."""
    centre = directory.the_centre() if TO_THE_CENTRE.intersection(scopes) else None
    return centre.id if centre else None


def _own(actor: Actor, key_id: UUID) -> ApiKey:
    row = ApiKey.objects.filter(pk=key_id, organisation_id=actor.organisation_id).first()
    if row is None:
        raise NotFound
    return row


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
