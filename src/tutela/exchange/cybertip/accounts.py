"""Write people, accounts and places of a document in the order of its schema.

Accounts of a person are written as accounts associated with that person. Of several reported users, one is the person
and the others are also associated accounts. Each of these is marked (`NAMED`), so that a reader can restore the
original users.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from lxml import etree

from tutela.exchange.cybertip.elements import types
from tutela.exchange.cybertip.persons import ASSOCIATED, NAMED, RELATIONS
from tutela.exchange.cybertip.text_lengths import Notes, fit, put, put_url
from tutela.exchange.message import timestamps
from tutela.exchange.report.fields import GeographicInformation, NetworkLocation, Person
from tutela.exchange.report.report import Report

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_TYPES = {relation: word for word, relation in RELATIONS.items()}
MEASURES = {
    "account disabled for a time": "accountTemporarilyDisabled",
    "account disabled for good": "accountPermanentlyDisabled",
}


def account(
    parent: etree._Element, one: Person | None, inner: str, report: Report, now: datetime, others: Sequence[Person]
) -> None:
    """A person with the `others` that belong to it; of the one reported also connections, measures and places."""
    notes, main = Notes(), inner == "personOrUserReportedPerson"
    if one is not None:
        _person(parent, one, inner, notes)
        if one.identifiers:
            fit(parent, "espIdentifier", one.identifiers[0], 255, notes)
        for more in one.identifiers[1:]:
            notes.add("Identifier", more)
        fit(parent, "espService", report.service.name, 100, notes)
        if one.usernames:
            fit(parent, "screenName", one.usernames[0], 256, notes)
            for more in one.usernames[1:]:
                fit(parent, "displayName", more, 255, notes)
        for url in one.profile_urls:
            if not put_url(parent, "profileUrl", url):
                notes.add("Profile", url)
        if one.profile:
            put(parent, "profileBio", one.profile)
        notes.add("Billing", one.billing)
        notes.add("Last login", one.last_login.isoformat() if one.last_login else None)
        _routing(one, notes)
        notes.add("Other", one.other)
    elif not main:
        etree.SubElement(parent, inner)
    if main:
        _of_reported(parent, report, now, notes)
    for other in others:
        _associated(parent, other)
    notes.into(parent)


def _of_reported(parent: etree._Element, report: Report, now: datetime, notes: Notes) -> None:
    for place in report.locations:
        capture(parent, place, now, None)
        if place.time_zone:
            notes.add(f"Time zone of {place.ip} at {place.at.isoformat()}", place.time_zone)
    for element, since in _measures(report):
        measure = put(parent, element, "true")
        if _past(since, now):
            measure.set("disabledDate", since)
    first = next((g for g in report.geography if _estimated(parent, g)), None)
    for area in report.geography:
        notes.add("Place", "; ".join(_where(area, whole=area is not first)))


def _measures(report: Report) -> Iterator[tuple[str, str]]:
    """Measures against the account that have an element in the format, each once, in its order."""
    found: dict[str, str] = {}
    for measure in report.user_decision.measures:
        for words, element in MEASURES.items():
            if measure.startswith(words):
                found.setdefault(element, measure.removeprefix(words).strip())
    for element in MEASURES.values():
        if element in found:
            yield element, found[element]


def _past(text: str, now: datetime) -> bool:
    at = timestamps.read(text)
    return at is not None and at <= now


def _person(parent: etree._Element, one: Person, inner: str, notes: Notes) -> None:
    person = etree.SubElement(parent, inner)
    _reached(person, one, notes)
    if not len(person) and inner != "victimPerson":
        parent.remove(person)


def _address(person: etree._Element, one: Person, notes: Notes) -> None:
    known = [code for code in one.postal_countries or () if code in types()["country"].words]
    if one.mailing_address or known:
        address = etree.SubElement(person, "address")
        fit(address, "address", one.mailing_address, 255, notes)
        if known:
            put(address, "country", known[0])
    for code in one.postal_countries or ():
        if code not in known[:1]:
            notes.add("Country of a postal address", code)


def _routing(one: Person, notes: Notes) -> None:
    notes.add("Lives in", one.residence)
    notes.add("Country of the account", one.account_country)
    notes.add("Language", one.language)
    notes.add("Age group", one.age_group)
    notes.add("Gender", one.gender)


def _reached(person: etree._Element, one: Person, notes: Notes) -> None:
    """Telephones, e-mail and postal addresses."""
    for phone in (*one.phones, *one.other_phones):
        fit(person, "phone", phone, 50, notes)
    for email in (*one.emails, *one.other_emails):
        if _EMAIL.fullmatch(email):
            put(person, "email", email)
        else:
            notes.add("E-mail", email)
    _address(person, one, notes)


def _associated(parent: etree._Element, one: Person) -> None:
    relation = one.relation or RELATIONS["Other"]
    notes, account = Notes(), etree.SubElement(parent, ASSOCIATED, type=_TYPES[relation])
    _reached(account, one, notes)
    if one.identifiers:
        fit(account, "espIdentifier", one.identifiers[0], 256, notes)
    for url in one.profile_urls:
        if not put_url(account, "profileUrl", url):
            notes.add("Profile", url)
    if one.usernames:
        fit(account, "screenName", one.usernames[0], 256, notes)
    for more in one.usernames[1:]:
        fit(account, "displayName", more, 255, notes)
    if one.profile:
        put(account, "profileBio", one.profile)
    for more in one.identifiers[1:]:
        notes.add("Identifier", more)
    for name, text in (("Billing", one.billing), ("Other", one.other)):
        notes.add(name, text)
    notes.add("Last login", one.last_login.isoformat() if one.last_login else None)
    _routing(one, notes)
    if one.relation is None:
        notes.lines.insert(0, NAMED)
    notes.into(account)


def _estimated(parent: etree._Element, place: GeographicInformation) -> bool:
    """The first place with a country that the format knows."""
    if place.country not in types()["country"].words:
        return False
    estimated = etree.SubElement(parent, "estimatedLocation")
    # Of a city in the United States the format wants the state, which is not known here.
    if place.place and place.country != "US":
        put(estimated, "city", place.place[:255])
    put(estimated, "countryCode", place.country)
    return True


def _where(place: GeographicInformation, *, whole: bool) -> Iterator[str]:
    if whole and place.country:
        yield place.country
    if place.place and (whole or place.country == "US"):
        yield place.place
    if place.postal_code:
        yield place.postal_code
    if place.latitude:
        yield f"{place.latitude}, {place.longitude}"
    if place.derived_from:
        yield f"from {place.derived_from}"


def capture(parent: etree._Element, place: NetworkLocation, now: datetime, event: str | None) -> None:
    capture = etree.SubElement(parent, "ipCaptureEvent")
    put(capture, "ipAddress", str(place.ip))
    if event:
        put(capture, "eventName", event)
    if place.at <= now:
        put(capture, "dateTime", place.at.isoformat())
    if place.port:
        put(capture, "port", str(place.port))
