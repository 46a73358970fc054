"""Directory of organisations: their entries and status, and the actors that speak for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.sql import run_statements
from tutela.events.transaction import acting
from tutela.organisations.errors import UnknownOrganisation
from tutela.organisations.models import Contact, Organisation, OrganisationStatus
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry as DirectoryEntry
from tutela.organisations.vocabulary.roles_and_permissions import DEFAULT_PURPOSE, Kind

# Nothing that could smuggle a word into a policy header or a path.
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+/?")
MAX_NAME = 160
_on_distrusted: list[Callable[[UUID], None]] = []


# What `entry_of` is made of, of an organisation that a statement names `o`.
COLUMNS = (
    "o.id, o.name, o.kind, o.country, o.api_url, o.media_origin,"
    " (SELECT s.status FROM organisations_organisationstatus s"
    " WHERE s.organisation_id = o.id ORDER BY s.at DESC, s.id DESC LIMIT 1)"
)
FROM = f"SELECT {COLUMNS} FROM organisations_organisation o "  # noqa: S608
CENTRES = FROM + "WHERE o.kind = 'centre' ORDER BY o.name"
BY_ID, BY_NAME = FROM + "WHERE o.id = %s", FROM + "WHERE o.name = %s"
SOME = FROM + "WHERE o.id = ANY(%s)"
FOUNDER = FROM + "ORDER BY o.created_at, o.id LIMIT 1"
AUTHORITIES = FROM + "WHERE o.kind = 'authority' AND o.country = %s ORDER BY o.created_at, o.id"
EUROPOL = FROM + "WHERE o.kind = 'europol' ORDER BY o.name"


def entry_of(
    pk: UUID, name: str, kind: str, country: str, api_url: str, media_origin: str, status: str | None
) -> DirectoryEntry:
    """An entry of the columns of `COLUMNS`, for what is asked at every request."""
    return DirectoryEntry(pk, name, kind, str(Kind(kind).label), country, status or "unverified", api_url, media_origin)


def _with_status() -> QuerySet[Organisation]:
    newest = OrganisationStatus.objects.filter(organisation=OuterRef("pk")).order_by("-at", "-id")
    return Organisation.objects.annotate(status=Subquery(newest.values("status")[:1]))


def _entry(row: Organisation) -> DirectoryEntry:
    status = getattr(row, "status", None) or "unverified"
    return DirectoryEntry(
        row.id, row.name, row.kind, str(Kind(row.kind).label), row.country, status, row.api_url, row.media_origin
    )


def _ask(statement: str, *values: object) -> list[DirectoryEntry]:
    """Run a prepared statement, because every step of every desk queries the directory."""
    return [entry_of(*row) for row in run_statements([(statement, values)])[0]]


def entry(organisation_id: UUID) -> DirectoryEntry:
    """One organisation. Raises `UnknownOrganisation`."""
    return _only(_ask(BY_ID, organisation_id))


def _only(found: list[DirectoryEntry]) -> DirectoryEntry:
    if not found:
        raise UnknownOrganisation
    return found[0]


def some(organisations: Iterable[UUID]) -> list[DirectoryEntry]:
    """Several organisations, in one query and in no order."""
    return _ask(SOME, list(organisations))


def names(organisations: Iterable[UUID]) -> dict[UUID, str]:
    """The names of several organisations, in one question."""
    return dict(Organisation.objects.filter(pk__in=set(organisations)).values_list("pk", "name"))


def named(name: str) -> DirectoryEntry:
    """One organisation by its exact name. Raises `UnknownOrganisation`."""
    return _only(_ask(BY_NAME, name))


def list_organisations(*, kind: str = "", country: str = "", text: str = "") -> list[DirectoryEntry]:
    """The directory, by name; filters are combined."""
    rows = _with_status().order_by("name")
    if kind:
        rows = rows.filter(kind=kind)
    if country:
        rows = rows.filter(country=country)
    if text:
        rows = rows.filter(Q(name__icontains=text))
    return [_entry(row) for row in rows]


def founder() -> DirectoryEntry | None:
    """The organisation with which this node began; it looks after the node."""
    return next(iter(_ask(FOUNDER)), None)


def the_centre() -> DirectoryEntry | None:
    """The verified Centre of this node's directory, if there is one."""
    return verified_centre(run_statements([(CENTRES, [])])[0])


def verified_centre(rows: Iterable[tuple[Any, ...]]) -> DirectoryEntry | None:
    """The verified Centre among the rows of `CENTRES`, if there is one."""
    return next((one for row in rows if (one := entry_of(*row)).verified), None)


def authority_for(country: str) -> DirectoryEntry | None:
    """The oldest verified law-enforcement authority of a country; None if there is none."""
    return next((one for one in _ask(AUTHORITIES, country) if one.verified), None)


def europol() -> DirectoryEntry | None:
    """Europol's verified entry, if it is in the directory."""
    return next((one for one in _ask(EUROPOL) if one.verified), None)


def competent_for(country: str) -> DirectoryEntry | None:
    """Return the competent authority for a country, or for none (""): its own, otherwise Europol. None: there is
    neither.
    """
    return (authority_for(country) if country else None) or europol()


def contacts(organisation_id: UUID) -> list[Contact]:
    """An organisation's points of contact, by purpose."""
    return list(Contact.objects.filter(organisation_id=organisation_id).order_by("purpose"))


def history(organisation_id: UUID) -> list[OrganisationStatus]:
    """Every status the organisation had, newest first, with author and reason."""
    return list(OrganisationStatus.objects.filter(organisation_id=organisation_id).order_by("-at", "-id"))


def acting_for(
    organisation: DirectoryEntry, reference: str, name: str, permissions: frozenset[str] = frozenset()
) -> Actor:
    """An actor of an organisation made by the machine: a job, a command, or an inbound message's recipient."""
    return Actor(
        organisation_id=organisation.id,
        organisation_kind=organisation.kind,
        organisation_name=organisation.name,
        country=organisation.country,
        verified=organisation.verified,
        reference=reference,
        name=name,
        permissions=permissions,
        purpose=DEFAULT_PURPOSE[organisation.kind],
    )


def check_words(name: str, kind: str, country: str) -> None:
    """Raise `Invalid`, naming the field, for what no organisation is called or is. Asks no database."""
    if kind not in Kind.values:
        raise Invalid("Choose one of: {known}.", field="kind", known=", ".join(Kind.values))
    if country not in COUNTRIES:
        raise Invalid("The country must be two capital letters of ISO 3166-1, such as DE.", field="country")
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise Invalid("The name must have 1 to {most} characters.", field="name", most=MAX_NAME)


def check_origin(value: str, field: str) -> str:
    """An address of scheme and host alone, or none. Raises `Invalid` naming the field."""
    value = value.strip()
    if value and not ORIGIN.fullmatch(value):
        raise Invalid("Enter only scheme and host, such as https://media.example.", field=field)
    return value


def check_api_address(value: str) -> str:
    """Return a valid API address: scheme and host, HTTPS unless it is on this machine. Raises `Invalid`."""
    value = check_origin(value, "api_url")
    if value.startswith("http://") and not _loopback(urlsplit(value).hostname or ""):
        raise Invalid("An API address must begin with https://", field="api_url")
    return value


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_new(name: str, kind: str, country: str) -> None:
    """Raise `Invalid`, naming the field, for an organisation that cannot be entered."""
    check_words(name, kind, country)
    if Organisation.objects.filter(name=name.strip()).exists():
        raise Invalid("An organisation with this name already exists.", field="name")


def create_organisation(actor: Actor, *, name: str, kind: str, country: str, api_url: str = "") -> DirectoryEntry:
    """Enter an organisation, unverified. Raises `Invalid` naming the field."""
    actor.require("organisation.create")
    check_new(name, kind, country)
    api_url = check_api_address(api_url)
    with acting(actor):
        row = Organisation.objects.create(name=name.strip(), kind=kind, country=country, api_url=api_url)
        record(actor, "organisation.created", "organisation", row.id, kind=kind, country=country, address=api_url)
    return entry(row.id)


def set_status(actor: Actor, organisation_id: UUID, status: str, reason: str) -> None:
    """Verify, suspend or un-verify an organisation, with a reason. A suspended one receives nothing more."""
    actor.require("organisation.verify")
    if status not in ("verified", "suspended", "unverified"):
        raise Invalid("The status must be verified, suspended or unverified.", field="status")
    if not reason.strip():
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
    entry(organisation_id)
    with acting(actor):
        OrganisationStatus.objects.create(
            organisation_id=organisation_id, status=status, by=actor.reference, reason=reason.strip()[:300]
        )
        record(actor, f"organisation.{status}", "organisation", organisation_id)
        if status != "verified":
            for listener in _on_distrusted:
                listener(organisation_id)


def on_distrusted(listener: Callable[[UUID], None]) -> None:
    """Subscribe to organisations that are suspended or no longer verified, in the transaction. For `app/wiring.py`."""
    _on_distrusted.append(listener)


def add_contact(actor: Actor, *, purpose: str, email: str, phone: str, languages: list[str]) -> Contact:
    """Add a contact point of the actor's own organisation."""
    actor.require("organisation.manage")
    if not (email or phone):
        raise Invalid("Enter an e-mail address or a phone number for the contact point.", field="email")
    with acting(actor):
        row = Contact.objects.create(
            organisation_id=actor.organisation_id,
            purpose=purpose,
            email=email,
            phone=phone,
            languages=languages,
            valid_from=clock.now().date(),
        )
        record(actor, "contact.added", "organisation", actor.organisation_id, contact=row.pk)
    return row
