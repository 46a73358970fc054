"""Identity of the provider in reports, and whether the provider has joined a Centre."""

from __future__ import annotations

import zoneinfo
from dataclasses import asdict, dataclass

from django.conf import settings

from tutela.detection.models import Identity
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed_all
from tutela.exchange.report.sections import LegalRepresentative, ProviderIdentity
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory


@dataclass(frozen=True)
class NamedProvider:
    """Annex III, section 1 and the signatory of section 3."""

    contact_point: str
    contact: str
    signatory: str
    time_zone: str
    representative: str = ""
    representative_contact: str = ""


@dataclass(frozen=True)
class Connection:
    """The Centre of the directory, if any, and whether the provider holds a key to it. Joined means both."""

    centre: directory.DirectoryEntry | None
    credential: bool

    @property
    def joined(self) -> bool:
        return self.centre is not None and self.credential


def connection(actor: Actor) -> Connection:
    """Alone or joined, now: joining later is only a key."""
    centre = directory.the_centre()
    return Connection(centre, centre is not None and outbox.has_credential(actor, centre.id))


def join(actor: Actor, token: str) -> None:
    """Keep the key that the Centre issued. Raises `Invalid`."""
    actor.require("detection.settings")
    centre = directory.the_centre()
    if centre is None:
        raise Invalid("The directory has no verified Centre.", field="token")
    if not token.strip() or len(token) > 300:
        raise Invalid("Paste the key that the Centre issued to you.", field="token")
    outbox.set_credential(actor, centre.id, token.strip())


def current(actor: Actor) -> NamedProvider:
    """The current identity in reports; until one is set, the organisation's first contact point."""
    with acting(actor):
        row = Identity.objects.order_by("-created_at", "-id").first()
        if row is not None:
            return NamedProvider(
                row.contact_point,
                row.contact,
                row.signatory,
                row.time_zone,
                row.representative,
                row.representative_contact,
            )
    first = next(iter(directory.contacts(actor.organisation_id)), None)
    reach = (first.email or first.phone) if first else actor.organisation_name
    name = first.purpose if first else actor.organisation_name
    return NamedProvider(name, reach, actor.organisation_name, settings.TIME_ZONE)


def change(actor: Actor, named: NamedProvider) -> None:
    """Let reports say this from now on. Raises `Invalid` naming the field."""
    actor.require("detection.settings")
    named = NamedProvider(**typed_all(asdict(named)))
    for field in ("contact_point", "contact", "signatory"):
        if not getattr(named, field).strip():
            raise Invalid("Annex III requires this field.", field=field)
    if bool(named.representative.strip()) != bool(named.representative_contact.strip()):
        raise Invalid(
            "Enter both the name and the contact of the representative, or neither.", field="representative_contact"
        )
    if named.time_zone not in zoneinfo.available_timezones():
        raise Invalid("Choose a time zone such as Europe/Dublin.", field="time_zone")
    with acting(actor):
        row = Identity.objects.create(organisation_id=actor.organisation_id, by=actor.reference, **asdict(named))
        record(actor, "identity.changed", "identity", row.id)


def for_report(actor: Actor, named: NamedProvider) -> ProviderIdentity:
    """Annex III, section 1."""
    representative = None
    if named.representative:
        representative = LegalRepresentative(name=named.representative, contact=named.representative_contact)
    return ProviderIdentity(
        name=actor.organisation_name,
        contact_point=named.contact_point,
        contact=named.contact,
        legal_representative=representative,
    )
