"""Redistribution grants of a partner list: recipient, legal basis, start and end.

A redistributed list remains a provider list under its source's name. Its own grant is seen by its owner and by the
recipient. No grant of the register gives access to it, and its grant gives no access to the register. Grants of these
lists need the same approvals in an organisation as grants of the register's lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register.approval import Act, ActSubject
from tutela.indicators.models import About, PartnerGrant, PartnerList
from tutela.indicators.partner_lists import releases
from tutela.organisations.approvals import approve
from tutela.organisations.approvals.approve import NO_INPUT, Way
from tutela.organisations.keys import signing
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import DEFAULT_PURPOSE


@dataclass(frozen=True)
class GrantView:
    """A grant as its owner sees it."""

    grant: PartnerGrant
    grantee: directory.DirectoryEntry
    open: bool


@dataclass(frozen=True)
class Received:
    """A grant as its recipient sees it: where an Edge fetches the list, and by which keys it knows its owner's hand."""

    grant: PartnerGrant
    owner: directory.DirectoryEntry
    place: str
    keys: tuple[str, ...]


def give(
    actor: Actor, list_id: UUID, grantee_id: UUID, *, legal_basis: str, valid_to: datetime, way: Way = NO_INPUT
) -> UUID:
    """Pass a list on, perhaps to Edges of one's own.

    Raises `Invalid` naming the field, `NotFound`, and as `approve.approve`: two people or a key are asked about its
    last day.
    """
    actor.require("sources.manage")
    actor.require_verified()
    grantee = _checked(grantee_id, legal_basis, valid_to)
    with acting(actor):
        row = _passable(list_id)
        made = PartnerGrant(
            organisation_id=actor.organisation_id,
            list=row,
            grantee_id=grantee_id,
            slug=row.list_id,
            name=row.name,
            source=row.source,
            purpose=DEFAULT_PURPOSE[grantee.kind],
            legal_basis=legal_basis.strip()[:120],
            valid_from=clock.now(),
            valid_to=valid_to,
            by=actor.reference,
        )
        said = {"legal_basis": made.legal_basis, "until": f"{valid_to:%Y-%m-%d}"}
        approve.approve(actor, _act("pass_on", made, grantee, said), way)
        made.save(force_insert=True)
        record(
            actor,
            "partner_list.granted",
            "partner_list",
            row.pk,
            list=row.list_id,
            grantee=grantee_id,
            legal_basis=legal_basis[:120],
        )
        releases.enqueue_release(row)
    return UUID(str(made.pk))


def _passable(list_id: UUID) -> PartnerList:
    row = PartnerList.objects.filter(pk=list_id, ended_at=None).first()
    if row is None:
        raise NotFound
    if row.about != About.CSAM:
        raise Invalid(
            "This list is not about child sexual abuse material, but an Edge would treat it so. "
            "The list cannot be redistributed.",
            field="about",
        )
    return row


def _checked(grantee_id: UUID, legal_basis: str, valid_to: datetime) -> directory.DirectoryEntry:
    grantee = directory.entry(grantee_id)
    if not grantee.verified:
        raise Invalid("Only a verified organisation can receive a list.", field="grantee")
    if not legal_basis.strip():
        raise Invalid("Enter the legal basis for redistribution.", field="legal_basis")
    if valid_to <= clock.now():
        raise Invalid("The last day is in the past.", field="valid_to")
    return grantee


def _act(name: str, row: PartnerGrant, grantee: directory.DirectoryEntry, said: dict[str, str]) -> Act:
    """Build a grant's action for approval: list, recipient, other terms and dates.

    Dates are stated as for grants of the register.
    """
    subjects = ActSubject(id=row.list_id, name=row.name), ActSubject(id=grantee.id, name=grantee.name)
    return Act(name=name, subjects=subjects, chosen={"list": row.slug, "source": row.source, **said})


def end(actor: Actor, list_id: UUID, grantee_id: UUID, way: Way = NO_INPUT) -> None:
    """End every grant of a list to an organisation; its next fetch is refused.

    Raises `NotFound`, and as `approve.approve`.
    """
    actor.require("sources.manage")
    with acting(actor):
        mine = {"list_id": list_id, "organisation_id": actor.organisation_id}
        rows = PartnerGrant.objects.filter(**mine, grantee_id=grantee_id, ended_at=None)
        row = rows.order_by("-created_at").first()
        if row is None:
            raise NotFound
        approve.approve(actor, _act("pass_on_end", row, directory.entry(grantee_id), {}), way)
        if not rows.update(ended_at=clock.now()):
            raise NotFound
        record(actor, "partner_list.grant_ended", "partner_list", list_id, grantee=grantee_id)


def given(actor: Actor, list_id: UUID) -> list[GrantView]:
    """Everybody to whom a list was passed on, the newest first."""
    actor.require("sources.read")
    now = clock.now()
    with acting(actor):
        rows = list(
            PartnerGrant.objects.filter(list_id=list_id, organisation_id=actor.organisation_id).order_by("-created_at")
        )
    return [
        GrantView(row, directory.entry(row.grantee_id), row.ended_at is None and row.valid_to > now) for row in rows
    ]


def received(actor: Actor) -> list[Received]:
    """Return the lists that others let the actor's organisation fetch now."""
    actor.require("sources.read")
    now = clock.now()
    with acting(actor):
        rows = PartnerGrant.objects.filter(grantee_id=actor.organisation_id, ended_at=None, valid_to__gt=now)
        found = list(rows.order_by("name"))
    return [_received(row) for row in found]


def grantees() -> list[directory.DirectoryEntry]:
    """Return the organisations to which a list may be redistributed."""
    return [one for one in directory.list_organisations() if one.verified]


def _received(row: PartnerGrant) -> Received:
    keys = signing.public_keys(row.organisation_id, "release")
    trusted = tuple(key.public.hex() for key in keys if key.state == "current")
    return Received(row, directory.entry(row.organisation_id), f"{row.organisation_id}/{row.slug}", trusted)
