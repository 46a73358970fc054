"""The named cast: organisations and people whom tests and readers know by name.

Each test has organisations of its own; the Centre is the node's one Centre, founded once a session.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from functools import cached_property

from allauth.mfa.totp.internal.auth import TOTP
from django.db.models import Max
from django.test import Client

from tests.support.confirming import ConfirmingClient
from tutela import clock
from tutela.casework.mandates import records
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.law import recorded_bases
from tutela.organisations.models import ApiKey, Organisation, OrganisationStatus, Person
from tutela.organisations.people import api_keys, directory
from tutela.organisations.people.bootstrap import enrol, found, machine
from tutela.organisations.people.members import actor_of
from tutela.organisations.vocabulary.roles_and_permissions import DEFAULT_PURPOSE

_numbers = itertools.count(1)
PASSWORD = "a calm sentence about lighthouses"
API_URL = "http://testserver"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


# Whoever may read every organisation's events, to verify the chain with their contents.
AUDITOR = Actor(
    uuid7(),
    "auditor",
    "Audit Office",
    "BE",
    verified=True,
    reference="system:test",
    name="test",
    purpose=DEFAULT_PURPOSE["auditor"],
)


def state_purpose(client: Client, kind: str) -> None:
    """What the first page after signing in asks: the usual purpose of the kind, for this session."""
    session = client.session
    session["purpose"] = DEFAULT_PURPOSE[kind]
    session.save()


# Some tests set the clock to the beginning of all times that an event can have.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def seed_mandate(made: Actor) -> None:
    """What an organisation's desk opens with, in the years around today."""
    today, years = clock.now().date(), timedelta(days=3000)
    records.seed_demonstration(made, today - years, today + years)


class Cast:
    """Organisations by name; `actor(...)` gives a signed-in person of one, `client(...)` their browser."""

    def organisation(self, name: str, kind: str, country: str) -> Actor:
        """A verified organisation of this test alone; returns its machine."""
        made = found(f"{name} {next(_numbers)}-{str(uuid7())[-6:]}", kind, country, api_url=API_URL)
        seed_mandate(made)
        if kind == "provider":
            recorded_bases.record_demonstration(made, max(clock.now() - timedelta(days=800), EARLIEST))
        return made

    @cached_property
    def pixelpost(self) -> Actor:
        return self.organisation("Pixelpost", "provider", "IE")

    @cached_property
    def other_provider(self) -> Actor:
        return self.organisation("Chatterbox", "provider", "NL")

    @cached_property
    def hotline_ie(self) -> Actor:
        return self.organisation("Hotline Ireland", "hotline", "IE")

    @cached_property
    def hotline_de(self) -> Actor:
        return self.organisation("Hotline Deutschland", "hotline", "DE")

    @cached_property
    def authority(self) -> Actor:
        return self.organisation("Kriminalamt", "authority", "DE")

    @cached_property
    def auditor(self) -> Actor:
        return self.organisation("Audit Office", "auditor", "BE")

    @cached_property
    def centre(self) -> Actor:
        existing = directory.the_centre()
        if existing:  # another test may have sent its messages elsewhere
            Organisation.objects.filter(pk=existing.id).update(api_url=API_URL)
        if existing:
            return machine(existing.id, "test")
        made = found("EU Centre", "centre", "NL", api_url=API_URL)
        seed_mandate(made)
        return made

    def authority_of(self, country: str) -> Actor:
        """The authority of a country: whatever one an earlier test had there is none any longer."""
        while (found := directory.authority_for(country)) is not None:
            verifier = self.actor(self.centre, "administrator")
            newest = OrganisationStatus.objects.filter(organisation_id=found.id).aggregate(at=Max("at"))["at"]
            # The other test may have verified it at a time that is still to come, and the newest status counts.
            with clock.simulate(max(clock.now(), newest) + timedelta(seconds=1)):
                directory.set_status(verifier, found.id, "suspended", "It was another test's.")
        return self.organisation("Kriminalamt", "authority", country)

    def person(self, organisation: Actor, *roles: str, name: str = "Robin", days: int = 10) -> Person:
        """Somebody who joined, and was given these roles, so many days ago."""
        email = f"{name.lower()}-{uuid7()}@example.org"
        person = enrol(organisation, email=email, name=name, password=PASSWORD, roles=list(roles))
        person.created_at = clock.now() - timedelta(days=days)
        person.save(update_fields=["created_at"])
        person.role_grants.update(at=person.created_at)
        return person

    def actor(self, organisation: Actor, *roles: str) -> Actor:
        return actor_of(self.person(organisation, *roles))

    def client(self, organisation: Actor, *roles: str, stated: bool = True) -> Client:
        """A browser in which a new person of the organisation is signed in: second factor, purpose stated.

        It confirms what a page previews.
        """
        person = self.person(organisation, *roles)
        TOTP.activate(person, TOTP_SECRET)
        client = ConfirmingClient(raise_request_exception=False)
        client.force_login(person)
        if stated:
            state_purpose(client, organisation.organisation_kind)
        return client

    def key(self, organisation: Actor, *scopes: str) -> dict[str, str]:
        """The headers of a new API key; also of scopes that nobody would give to this kind of organisation."""
        row, text = api_keys.create_key(organisation, name="Test machine", scopes=["releases:read"])
        ApiKey.objects.filter(pk=row.pk).update(scopes=sorted(scopes))
        return {"Authorization": f"Bearer {text}"}
