"""Grants: which organisation may fetch which list, for which purpose, on which basis, from when to when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.purposes import checked
from tutela.events.recording import record
from tutela.indicators.models import Grant
from tutela.organisations import directory


def give(
    actor: Actor, grantee_id: UUID, *, list_id: str, purpose: str, legal_basis: str, valid_to: datetime,
    per_day: int = 0,
) -> UUID:  # fmt: skip
    """Grant a list to a verified organisation. Raises `Invalid` naming the field."""
    actor.require("grants.manage")
    grantee = directory.entry(grantee_id)
    if not grantee.verified:
        raise Invalid("Verify the organisation first.", field="grantee")
    if not legal_basis.strip():
        raise Invalid("Name the legal basis.", field="legal_basis")
    if valid_to <= clock.now():
        raise Invalid("The last day lies in the past.", field="valid_to")
    checked(grantee.kind, purpose)
    with acting(actor):
        row = Grant.objects.create(
            organisation_id=actor.organisation_id, list_id=list_id, grantee_id=grantee_id, purpose=purpose,
            legal_basis=legal_basis.strip()[:120], valid_from=clock.now(), valid_to=valid_to, by=actor.reference,
            per_day=per_day,
        )  # fmt: skip
        record(actor, "grant.given", "grant", row.id, grantee=grantee_id, list=list_id, legal_basis=legal_basis[:120])
    return row.id


def end(actor: Actor, grant_id: UUID) -> None:
    """End a grant; the next fetch is refused."""
    actor.require("grants.manage")
    with acting(actor):
        if not Grant.objects.filter(pk=grant_id, ended_at=None).update(ended_at=clock.now()):
            raise NotFound
        record(actor, "grant.ended", "grant", grant_id)


def current_grant(list_id: str, grantee_id: UUID) -> Grant | None:
    """The grant in effect now. Call inside `acting(centre)`."""
    now = clock.now()
    rows = Grant.objects.filter(list_id=list_id, grantee_id=grantee_id, ended_at=None)
    return rows.filter(valid_from__lte=now, valid_to__gt=now).order_by("-valid_to").first()


def ever_granted(list_id: str, grantee_id: UUID) -> bool:
    """Whether an organisation may or might once fetch the list. Call inside `acting(centre)`."""
    return Grant.objects.filter(list_id=list_id, grantee_id=grantee_id).exists()


def state_of(row: Grant) -> str:
    """`ended`, `expired` or `in effect`."""
    return "ended" if row.ended_at else "expired" if row.valid_to < clock.now() else "in effect"


def listing() -> list[tuple[Grant, directory.Entry]]:
    """All grants with their grantees, newest first. Call inside `acting(centre)`."""
    return [(row, directory.entry(row.grantee_id)) for row in Grant.objects.order_by("-created_at")]
