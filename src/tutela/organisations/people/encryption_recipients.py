"""Encryption recipients: the age recipient (X25519) of an authority.

Its private identity never reaches a node.

- An authority has at most one current recipient. A new recipient retires the one before: earlier files can still be
  opened with it, and nothing more is sealed to it. A revoked recipient is no longer trusted, and nothing is sealed to
  it.
- No other key exists: senders seal with this public text alone, and the node that keeps the ciphertext cannot open it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.age_encryption import NotARecipientError, key_id, recipient_of
from tutela.organisations.models import Organisation, RecipientKey
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES


@dataclass(frozen=True)
class Recipient:
    """A recipient as it is shown. `state` is current, retired or revoked."""

    id: UUID
    organisation_id: UUID
    text: str
    state: str
    since: datetime
    until: datetime | None
    by_name: str

    @property
    def key_id(self) -> str:
        return key_id(self.text)


def may_hold(kind: str) -> bool:
    """Whether evidence is sealed to organisations of this kind."""
    return kind in AUTHORITIES


def enter(actor: Actor, text: str, organisation_id: UUID | None = None) -> Recipient:
    """Make a recipient the current one of the actor's organisation, or of the named one for the node's operator.

    The one before is retired in the same transaction. Raises `Invalid` naming the field.
    """
    actor.require("organisation.manage")
    holder = directory.entry(organisation_id or actor.organisation_id)
    if not may_hold(holder.kind):
        raise Invalid("Evidence can be sealed only to authorities and Europol.", field="recipient")
    try:
        text = recipient_of(text)
    except NotARecipientError:
        raise Invalid(
            "An age recipient must begin with age1 and have 62 letters and digits.", field="recipient"
        ) from None
    with acting(actor):
        Organisation.objects.select_for_update().get(pk=holder.id)  # two at once: one after the other
        if RecipientKey.objects.filter(recipient=text).exists():
            raise Invalid("This recipient was already entered. Create a new one.", field="recipient")
        _end(actor, RecipientKey.objects.filter(organisation_id=holder.id, ended_at=None), "retired")
        row = RecipientKey.objects.create(
            organisation_id=holder.id, recipient=text, by=actor.reference, by_name=actor.name[:200]
        )
        record(actor, "recipient.entered", "recipient", row.id, holder=holder.id, key=key_id(text))
    return _shown(row)


def revoke(actor: Actor, recipient_id: UUID, organisation_id: UUID | None = None) -> None:
    """Distrust a recipient, current or retired; revoking twice changes nothing. Raises `NotFound`."""
    actor.require("organisation.manage")
    with acting(actor):
        rows = RecipientKey.objects.select_for_update().filter(
            pk=recipient_id, organisation_id=organisation_id or actor.organisation_id
        )
        row = rows.first()
        if row is None:
            raise NotFound
        if row.ended_as != "revoked":
            _end(actor, rows, "revoked")


def _end(actor: Actor, rows: object, how: str) -> None:
    for row in rows:  # type: ignore[attr-defined]
        row.ended_at, row.ended_by, row.ended_as = clock.now(), actor.reference, how
        row.save(update_fields=["ended_at", "ended_by", "ended_as"])
        record(actor, f"recipient.{how}", "recipient", row.pk, holder=row.organisation_id)


def current(organisation_id: UUID) -> Recipient | None:
    """The key to which evidence for this organisation is sealed now; None if nothing may be sealed."""
    row = RecipientKey.objects.filter(organisation_id=organisation_id, ended_at=None).first()
    return _shown(row) if row else None


def holders(organisation_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the organisations to which evidence can be sealed now."""
    rows = RecipientKey.objects.filter(organisation_id__in=list(organisation_ids), ended_at=None)
    return set(rows.values_list("organisation_id", flat=True))


def revoked(text: str) -> bool:
    """Whether this recipient is no longer trusted."""
    return RecipientKey.objects.filter(recipient=text, ended_as="revoked").exists()


def list_recipients(organisation_id: UUID) -> list[Recipient]:
    """Every recipient of an organisation, newest first."""
    return [_shown(row) for row in RecipientKey.objects.filter(organisation_id=organisation_id).order_by("-at", "-id")]


def _shown(row: RecipientKey) -> Recipient:
    return Recipient(
        row.pk, row.organisation_id, row.recipient, row.ended_as or "current", row.at, row.ended_at, row.by_name
    )
