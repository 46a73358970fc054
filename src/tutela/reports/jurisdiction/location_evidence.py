"""Location evidence: everything in a report that points to a country.

Each piece has its ground, its weight, its source and its date. The weights are Tutela's own, in points; thirty is
enough to decide if no evidence contradicts.

| piece | points |
|---|---|
| declared residence; country of a postal address: stated separately, or at the end of its text | 60; 50 |
| place of an upload's address (without its port 45; long before or after the table was made 15 less) | 50 |
| phone prefix of a number that can exist (of any other 30) | 40 |
| place stated by the provider: from coordinates 45, from an address 40, otherwise named 35, unnamed | 30 |
| country set in the account | 35 |
| country in which an upload's address is merely registered | 30 |
| an address, or a statement, that hides a person (Tor, VPN, proxy, hosting) | 10 |
| language of one country alone | 5, and it never decides |

A code at the end of a text that is also a state of the United States (DE: Germany, Delaware) counts for neither.
Private, shared (RFC 6598) and other reserved addresses give no location. A nationality is not asked for anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network

from tutela.casework.geolocation import Address, Location, country_of, hints_in
from tutela.exchange.cybertip.elements import types
from tutela.exchange.message.ip_ranges import is_global
from tutela.exchange.referral.reason_codes import EvidenceCode
from tutela.exchange.referral.referral import JurisdictionGround as Ground
from tutela.exchange.report.fields import GeographicInformation, NetworkLocation, Person, named
from tutela.exchange.report.report import Report
from tutela.organisations.vocabulary.phone_numbers import numbered

ENOUGH = 30
HIDDEN, LANGUAGE = 10, 5
# Blocks change hands: beyond half a year between table and event a place is less certain.
CURRENT = timedelta(days=180)
STALE_COSTS = 15
STATES = frozenset(types()["state"].words)
SHARED = ip_network("100.64.0.0/10")
# Languages that are official in one Member State alone.
OF_ONE_STATE = {
    "bg": "BG",
    "cs": "CZ",
    "da": "DK",
    "et": "EE",
    "fi": "FI",
    "hr": "HR",
    "hu": "HU",
    "lt": "LT",
    "lv": "LV",
    "mt": "MT",
    "pl": "PL",
    "pt": "PT",
    "ro": "RO",
    "sk": "SK",
    "sl": "SI",
    "es": "ES",
    "ga": "IE",
}

type LookUp = Callable[[Address], Location | None]


@dataclass(frozen=True)
class LocationEvidence:
    """One piece of evidence: its source is a code, with values; `subject` tells people apart."""

    ground: Ground
    country: str
    source: EvidenceCode
    at: datetime | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    weight: int = ENOUGH
    subject: str = ""
    decides: bool = True

    @property
    def order(self) -> tuple[object, ...]:
        """Sort key, independent of the order in the report."""
        at = self.at.isoformat() if self.at else ""
        return (
            self.ground,
            self.subject,
            -self.weight,
            self.country,
            self.source,
            sorted(self.values.items()),
            at,
            self.decides,
        )

    def stored(self) -> list[object]:
        """Values to store in a row: ground, country, source, date, values, points, subject, whether it counts."""
        at = self.at.isoformat() if self.at else ""
        return [
            self.ground.value,
            self.country,
            str(self.source),
            at,
            dict(self.values),
            self.weight,
            self.subject,
            self.decides,
        ]


def gather(report: Report, look_up: LookUp, duplicates: Sequence[Report] = ()) -> list[LocationEvidence]:
    """Every piece of a report and of what repeats it, each once, in one order. Pure but for `look_up`."""
    found: dict[tuple[object, ...], LocationEvidence] = {}
    for piece in _pieces([report, *duplicates], look_up):
        key = (piece.ground, piece.subject, piece.country, piece.source, tuple(sorted(piece.values.items())))
        kept = found.get(key)
        if kept is None or (piece.weight, _moment(piece)) > (kept.weight, _moment(kept)):
            found[key] = piece
    return sorted(found.values(), key=lambda piece: piece.order)


def _moment(piece: LocationEvidence) -> str:
    return piece.at.isoformat() if piece.at else ""


def _pieces(reports: Sequence[Report], look_up: LookUp) -> Iterator[LocationEvidence]:
    for number, user in _numbered([report.users for report in reports]):
        yield from _person(user, Ground.SUSPECT_RESIDES, f"account {number}")
    for number, victim in _numbered([report.victims for report in reports]):
        yield from _person(victim, Ground.VICTIM_RESIDES, f"child {number}")
    for report in reports:
        networks = [*report.locations, *(s.network for item in report.items for s in item.sightings if s.network)]
        for one in networks:
            yield from _address(one, look_up)
        newest = max((place.at for place in networks), default=None)
        for stated in report.geography:
            yield from _stated(stated, newest)


def _numbered(of_reports: Sequence[Sequence[Person]]) -> Iterator[tuple[int, Person]]:
    """Number the people as in the first report.

    In a duplicate the same names are the same person, other names another person. Belongings of a person are skipped,
    because they do not show where a suspect or a child resides.
    """
    first, *repeated = of_reports
    known = dict[str, int]()
    for place, one in enumerate(first, 1):
        if one.relation is None:
            known.setdefault(_names(one), place)
            yield place, one
    last = len(first)
    for one in (one for people in repeated for one in people if one.relation is None):
        last += _names(one) not in known
        yield known.setdefault(_names(one), last), one


def _names(one: Person) -> str:
    return named(one) or one.fingerprint()


def _person(person: Person, ground: Ground, subject: str) -> Iterator[LocationEvidence]:
    if person.residence and country_of(person.residence):
        yield LocationEvidence(ground, country_of(person.residence), EvidenceCode.RESIDENCE, weight=60, subject=subject)
    yield from _postal(person, ground, subject)
    if person.account_country and country_of(person.account_country):
        country = country_of(person.account_country)
        yield LocationEvidence(
            ground, country, EvidenceCode.ACCOUNT_COUNTRY, person.last_login, weight=35, subject=subject
        )
    for phone in (*person.phones, *person.other_phones):
        yield from _phone(phone, ground, subject)
    language = (person.language or "").partition("-")[0]
    if language in OF_ONE_STATE:
        country = OF_ONE_STATE[language]
        yield LocationEvidence(
            ground,
            country,
            EvidenceCode.LANGUAGE,
            None,
            {"language": language},
            LANGUAGE,
            subject,
            decides=False,
        )


def _postal(person: Person, ground: Ground, subject: str) -> Iterator[LocationEvidence]:
    """Yield countries of postal addresses.

    The end of a text counts only without a separately stated country.
    """
    said = person.postal_countries or ()
    for code in said:
        if country_of(code):
            yield LocationEvidence(ground, country_of(code), EvidenceCode.POSTAL, weight=50, subject=subject)
    for line in (person.mailing_address or "").splitlines() if not said else ():
        last = line.rpartition(",")[2].strip().upper()
        if last in STATES and country_of(last):
            source = EvidenceCode.POSTAL_AMBIGUOUS
            yield LocationEvidence(ground, "", source, None, {"code": last}, 0, subject, decides=False)
        elif len(last) == 2 and country_of(last):
            yield LocationEvidence(ground, country_of(last), EvidenceCode.POSTAL, weight=50, subject=subject)


def _phone(phone: str, ground: Ground, subject: str) -> Iterator[LocationEvidence]:
    """An international number alone names a country; +1 and its like only where the whole number can exist."""
    found = numbered(phone)
    if found is not None and (country := country_of(found.region)):
        values, weight = {"prefix": found.prefix}, 40 if found.exists else 30
        yield LocationEvidence(ground, country, EvidenceCode.PHONE, None, values, weight, subject)


def _address(one: NetworkLocation, look_up: LookUp) -> Iterator[LocationEvidence]:
    values, inner = {"address": str(one.ip)}, _inner(one.ip)
    if inner.version == 4 and inner in SHARED:
        yield _nowhere(EvidenceCode.ADDRESS_SHARED, one, values)
    elif not is_global(inner):
        # Documentation's addresses are reserved too; a table that places one errs.
        yield _nowhere(EvidenceCode.ADDRESS_RESERVED, one, values)
    elif (place := look_up(inner)) is None or not place.country:
        yield _nowhere(EvidenceCode.ADDRESS_UNKNOWN, one, values)
    else:
        yield _placed(one, place, {**values, "edition": place.edition, "network": place.network})


def _inner(address: Address) -> Address:
    """The IPv4 address inside an IPv6 address, if there is one."""
    if address.version == 6:
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _nowhere(source: EvidenceCode, one: NetworkLocation, values: Mapping[str, str]) -> LocationEvidence:
    return LocationEvidence(Ground.PLACE_OF_OFFENCE, "", source, one.at, values, 0, decides=False)


def _placed(one: NetworkLocation, place: Location, values: Mapping[str, str]) -> LocationEvidence:
    ground, country = Ground.PLACE_OF_OFFENCE, place.country
    if place.hints:
        source = EvidenceCode.ADDRESS_HIDES
        return LocationEvidence(
            ground, country, source, one.at, {**values, "hint": ", ".join(sorted(place.hints))}, HIDDEN
        )
    if place.registered:
        return LocationEvidence(ground, country, EvidenceCode.ADDRESS_REGISTERED, one.at, values, ENOUGH)
    weight = 50 if one.port else 45
    if place.day is not None and abs(one.at.date() - place.day) > CURRENT:
        source = EvidenceCode.ADDRESS_OTHER_DATE
        return LocationEvidence(ground, country, source, one.at, values, weight - STALE_COSTS)
    source = EvidenceCode.ADDRESS_WITH_PORT if one.port else EvidenceCode.ADDRESS
    return LocationEvidence(ground, country, source, one.at, values, weight)


def _stated(stated: GeographicInformation, newest: datetime | None) -> Iterator[LocationEvidence]:
    """Yield the place stated by the provider.

    Only a place that was read from an address has that address's date.
    """
    country, named = country_of(stated.country), stated.derived_from or ""
    if not country:
        return
    words = named.lower().split()
    at = newest if "ip" in words else None
    if hints_in(named):
        source, weight = EvidenceCode.STATED_HIDES, HIDDEN
    elif stated.latitude is not None:
        source, weight = EvidenceCode.STATED_COORDINATES, 45
    elif named:
        source, weight = EvidenceCode.STATED, 40 if "ip" in words else 35
    else:
        source, weight = EvidenceCode.STATED_UNNAMED, ENOUGH
    yield LocationEvidence(Ground.PLACE_OF_OFFENCE, country, source, at, {"source": named}, weight)
