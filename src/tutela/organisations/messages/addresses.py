"""Change where an organisation's messages are delivered, and where its own pictures are stored.

1. The API address decides who receives messages to the organisation, so one person alone cannot change it. A person of
   the organisation requests the change and a second person approves it, or the Centre's administrator enters it. Both
   have been in their role for 3 days, and a second person who has a security key approves with it.
2. The Centre's own address takes two people of the Centre.
3. The event contains the values, because an address is data of the organisation, not of a person.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import Forbidden
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register.approval import Act
from tutela.organisations.approvals import approve, second_person
from tutela.organisations.approvals.approve import ApprovalInput
from tutela.organisations.models import Organisation
from tutela.organisations.people import directory

ACT = "address"
NO_ADDRESS = "-"


def change(actor: Actor, *, api_url: str, media_origin: str, reason: str = "") -> bool:
    """Change the media origin now, and ask for another API address; returns whether one waits for a second person.

    Raises `Invalid` naming the field, `AskedAlready`, `Forbidden`.
    """
    actor.require("organisation.manage")
    media_origin, before = directory.check_origin(media_origin, "media_origin"), directory.entry(actor.organisation_id)
    asks = api_url.strip() != before.api_url
    wanted = directory.check_api_address(api_url) if asks else before.api_url
    with acting(actor):
        if media_origin != before.media_origin:
            Organisation.objects.filter(pk=actor.organisation_id).update(media_origin=media_origin)
            record(
                actor,
                "organisation.media_origin",
                "organisation",
                actor.organisation_id,
                before=before.media_origin,
                now=media_origin,
            )
        if asks:
            second_person.ask(actor, Act(name=ACT, chosen={"address": wanted or NO_ADDRESS}), reason)
    return asks


def agreed(actor: Actor, act: Act, given: ApprovalInput) -> str:
    """Change the API address that two people want. For `second_person`, in its transaction."""
    approve.approve(actor, act, given)
    wanted = act.chosen["address"].removeprefix(NO_ADDRESS)
    asked_by = given.agreed.by if given.agreed else ""
    _set(actor, actor.organisation_id, directory.check_api_address(wanted), asked_by=asked_by)
    return _("The API address was changed.")


def enter(actor: Actor, organisation_id: UUID, api_url: str) -> None:
    """Change another organisation's API address, as the Centre's administrator. Raises `Invalid`, `Forbidden`."""
    actor.require("organisation.verify")
    if organisation_id == actor.organisation_id:
        raise Forbidden(
            "A change of the Centre's own address needs two people. Request it under Organisation, Addresses."
        )
    with acting(actor):
        _set(actor, organisation_id, directory.check_api_address(api_url))


def _set(actor: Actor, organisation_id: UUID, api_url: str, **facts: str) -> None:
    row = Organisation.objects.select_for_update().get(pk=organisation_id)
    before, row.api_url = row.api_url, api_url
    row.save(update_fields=["api_url"])
    record(actor, "organisation.address", "organisation", organisation_id, before=before, now=api_url, **facts)
