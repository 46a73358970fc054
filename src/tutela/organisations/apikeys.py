"""Keys for machines: `tut_<prefix>_<secret>`. Scoped, expiring, rotated, with their last use shown."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.asking import together
from tutela.events.errors import Invalid, NotFound
from tutela.events.recording import record
from tutela.organisations import directory
from tutela.organisations.errors import BadCredentials
from tutela.organisations.kinds import SCOPE_HOLDERS, SCOPES, scopes_of
from tutela.organisations.models import ApiKey

# Writing the last use at every request would make each read a write; a minute is precise enough to spot misuse.
LAST_USE_PRECISION = timedelta(minutes=1)

# Asked at every call of the API, with the key's organisation and what stands about it.
PRESENTED = (
    "SELECT k.id, k.name, k.secret_hash, k.scopes, k.expires_at, k.last_used_at, k.revoked_at,"  # noqa: S608
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


def create_key(actor: Actor, *, name: str, scopes: list[str], expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """Make a key for the actor's own organisation; returns the row and the secret text, which is never shown again."""
    actor.require("organisation.manage")
    offered = scopes_of(actor.organisation_kind, actor.permissions)
    if set(scopes) - set(offered):
        raise Invalid("You may give a key: {known}.", field="scopes", known=", ".join(offered))
    return issue_key(actor, actor.organisation_id, name=name, scopes=scopes, expires_at=expires_at)


def issue_key(
    actor: Actor, organisation_id: UUID, *, name: str, scopes: list[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """As `create_key`, for a named organisation; for node commands and a Centre that admits a peer."""
    unknown = sorted(set(scopes) - set(SCOPES))
    kind = directory.entry(organisation_id).kind
    fitting = [scope for scope in SCOPES if kind in SCOPE_HOLDERS[scope]]
    if unknown or not scopes or set(scopes) - set(fitting):
        raise Invalid("Choose from: {known}.", field="scopes", known=", ".join(fitting))
    if not name.strip():
        raise Invalid("Give the key a name that says where it is used.", field="name")
    prefix, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    with acting(actor):
        row = ApiKey.objects.create(
            organisation_id=organisation_id, name=name.strip(), prefix=prefix, secret_hash=_hash(secret),
            scopes=sorted(scopes), by=actor.reference, expires_at=expires_at,
        )  # fmt: skip
        record(actor, "api_key.created", "api_key", row.id, scopes=sorted(scopes), holder=organisation_id)
    return row, f"tut_{prefix}_{secret}"


def rotate_key(actor: Actor, key_id: UUID) -> tuple[ApiKey, str]:
    """A new key with the same name and scopes; the old one is revoked in the same transaction."""
    actor.require("organisation.manage")
    with acting(actor):
        old = _own(actor, key_id)
        made = issue_key(
            actor, actor.organisation_id, name=old.name, scopes=list(old.scopes), expires_at=old.expires_at
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


def keys(actor: Actor) -> list[ApiKey]:
    """The organisation's keys, newest first, revoked ones included."""
    actor.require("organisation.read")
    return list(ApiKey.objects.filter(organisation_id=actor.organisation_id).order_by("-at"))


def actor_for(text: str) -> Actor:
    """The actor that a presented key is. Raises `BadCredentials`, the same for every reason."""
    return actor_and_centre(text)[0]


def actor_and_centre(text: str) -> tuple[Actor, directory.Entry | None]:
    """As `actor_for`, and the directory's verified Centre, asked for in the same round trip."""
    prefix, _, secret = text.removeprefix("tut_").partition("_")
    found, centres = together([(PRESENTED, [prefix if "\0" not in prefix else ""]), (directory.CENTRES, [])])
    key, of = (_Presented(*found[0][:7]), directory.entry_of(*found[0][7:])) if found else (None, None)
    matches = hmac.compare_digest(key.secret_hash if key else _hash("none"), _hash(secret))
    now = clock.now()
    if key is None or of is None or not matches or key.revoked_at or (key.expires_at and key.expires_at <= now):
        raise BadCredentials
    if key.last_used_at is None or now - key.last_used_at > LAST_USE_PRECISION:
        ApiKey.objects.filter(pk=key.id).update(last_used_at=now)
    permissions: frozenset[str] = frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in key.scopes))
    actor = directory.acting_for(of, f"key:{key.id}", f"{of.name}, API key “{key.name}”", permissions)
    return actor, directory.verified_centre(centres)


def _own(actor: Actor, key_id: UUID) -> ApiKey:
    row = ApiKey.objects.filter(pk=key_id, organisation_id=actor.organisation_id).first()
    if row is None:
        raise NotFound
    return row


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
