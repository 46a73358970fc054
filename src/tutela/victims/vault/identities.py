"""Identities in the vault: stored and opened as ciphertext, each opening with a purpose that the person reads.

1. Only a person with an admitted hardware key of their own stores or opens.
2. An opening is recorded, in its own transaction, before the ciphertext leaves the node. Without a purpose none does.
3. The list of openings is on the person's page (`openings_of`), with day and purpose. Whoever has no such page is told
   otherwise, and the opening says how.
4. What is stored in place of an identity destroys nothing: the earlier ciphertext stays until the case is erased.
5. Whoever reads the database, a backup or the logs gets ciphertext.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.victims import step_rows
from tutela.victims.errors import NoIdentity, SupportCaseClosed, UnknownSupportCase
from tutela.victims.models import EarlierIdentity, SupportCase, VaultIdentity, VaultOpening, VaultPurpose
from tutela.victims.vault import members, shapes

SUBJECT = "vault_identity"
# The subject whose key seals what an opening says (`support.rows.SUBJECT`).
CASE = "support_case"


@dataclass(frozen=True)
class Ciphertext:
    """What a browser needs to open an identity: its ciphertexts, and the actor's own keys, each ciphertext too."""

    identity: str
    keys: list[dict[str, str]]
    check_value: str
    earlier: list[EarlierIdentity]


@dataclass(frozen=True)
class OpeningLine:
    """An opening as the person reads it: its day and purpose."""

    at: datetime
    purpose: str


def store(actor: Actor, case_id: UUID, ciphertext: str) -> None:
    """Store the ciphertext of an identity; an earlier one is kept. Raises `NoVaultAccess`, `Invalid`."""
    actor.require(members.OPEN)
    sealed = shapes.identity(ciphertext)
    with acting(actor):
        members.require_member(actor)
        case = SupportCase.objects.select_for_update().filter(pk=case_id).first()
        if case is None:
            raise UnknownSupportCase
        if case.over:
            raise SupportCaseClosed
        _keep_earlier(actor, case)
        said = {
            "ciphertext": sealed,
            "changed_at": clock.now(),
            "changed_by": actor.reference,
            "changed_by_name": actor.name[:200],
        }
        row, _new = VaultIdentity.objects.update_or_create(
            organisation_id=actor.organisation_id, case=case, defaults=said
        )
        record(actor, "vault_identity.stored", SUBJECT, row.pk, case=case.number)


def open_identity(actor: Actor, case_id: UUID, purpose: str, told: str = "") -> Ciphertext:
    """Record an opening and return the ciphertext. Raises `NoVaultAccess`, `NoIdentity`, `Invalid`.

    `told` says how the person was or will be told; needed where no conversation tells them.
    """
    actor.require(members.OPEN)
    said = step_rows.checked(told, "told", required=False)
    if purpose not in VaultPurpose.values:
        raise Invalid("Choose the purpose.", field="purpose")
    with acting(actor):
        members.require_member(actor)
        case = _case(case_id)
        row = VaultIdentity.objects.filter(case=case).exclude(ciphertext="").first()
        if row is None:
            raise NoIdentity
        if not said and not _told_by_page(case):
            raise Invalid("Enter how the person was or will be told.", field="told")
        opening = VaultOpening(
            organisation_id=actor.organisation_id,
            identity=row,
            purpose=purpose,
            told=said,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, CASE, case.pk, opening, "told")
        opening.save(force_insert=True)
        record(actor, "vault_identity.opened", SUBJECT, row.pk, purpose=purpose)
        return Ciphertext(row.ciphertext, key_material(actor), members.check_value(), list(row.earlier.all()))


def told_by_page(actor: Actor, case_id: UUID) -> bool:
    """Whether the person can read each opening on the page of a conversation. Raises `UnknownSupportCase`."""
    actor.require(members.OPEN)
    with acting(actor):
        return _told_by_page(_case(case_id))


def key_material(actor: Actor) -> list[dict[str, str]]:
    """The actor's own keys for the script: all of it ciphertext or public. Call inside `acting(actor)`."""
    return [
        {
            "id": str(one.pk),
            "credential": one.credential,
            "salt": one.salt,
            "public_half": one.public_half,
            "private_half": one.private_half,
            "vault_key": one.vault_key,
        }
        for one in members.own(actor)
    ]


def erase(case: SupportCase) -> None:
    """Delete the identity of a case, with the case's contents. Openings stay, without the case's words."""
    EarlierIdentity.objects.filter(identity__case=case).update(ciphertext="")
    VaultIdentity.objects.filter(case=case).update(ciphertext="")


def openings_of(case: SupportCase) -> list[OpeningLine]:
    """Openings as the person reads them, the newest first. Call inside `acting(actor)`."""
    rows = VaultOpening.objects.filter(identity__case=case).order_by("-created_at", "-pk")
    return [OpeningLine(one.created_at, str(one.get_purpose_display())) for one in rows]


def _keep_earlier(actor: Actor, case: SupportCase) -> None:
    before = VaultIdentity.objects.filter(case=case).exclude(ciphertext="").first()
    if before is not None:
        EarlierIdentity.objects.create(
            organisation_id=actor.organisation_id,
            identity=before,
            ciphertext=before.ciphertext,
            stored_at=before.changed_at,
            stored_by=before.changed_by,
            stored_by_name=before.changed_by_name,
        )


def _told_by_page(case: SupportCase) -> bool:
    return case.conversation_id is not None and inbox.readable(case.conversation_id)


def _case(case_id: UUID) -> SupportCase:
    case = SupportCase.objects.filter(pk=case_id).first()
    if case is None:
        raise UnknownSupportCase
    return case
