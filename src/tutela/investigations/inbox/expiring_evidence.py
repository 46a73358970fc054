"""Expiring evidence of a referral: IP address logs and preserved content, each with its date.

- Carriers keep logs of address assignments for some months, if at all. The period starts at the stated moment and
  depends on the carrier's country (`periods`). Each moment is a separate log line, because the user of an address
  changes over time. The oldest moment expires first.
- A provider preserves the content until its stated date. Without a stated date, the period of its kind counts from its
  report: one kind for reports by the CyberTipline interface, another for all other providers.
- A moment later than the package's creation comes from a wrong clock. In that case the earlier creation time is used.

The earliest future date is shown in the inbox; expired evidence is shown as lost on the referral's page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework import geolocation
from tutela.exchange.referral.referral import Referral as Wire
from tutela.exchange.report.fields import NetworkLocation
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import Regime
from tutela.investigations.inbox.retention_periods import Period, Periods, current

KINDS: dict[str, Promise] = {
    "address": _("Log of an IP address"),
    "preserved": _("Content at the provider"),
    "stated": _("Content at the provider (declared by the provider)"),
    "cybertip": _("Content at the provider (CyberTipline)"),
}
# A page lists so many, what can still be asked for first; a report may name a thousand addresses.
MOST_LISTED = 100


@dataclass(frozen=True)
class Expiring:
    """Evidence that will expire: its kind, its name and its time; `period` for the calculation, if no date was stated.

    `country` of the carrier, empty if unknown; `seen` is the time at which somebody had the address.
    """

    kind: str
    what: str
    until: datetime
    period: Period | None = None
    country: str = ""
    seen: datetime | None = None

    @property
    def label(self) -> Promise:
        return KINDS[self.kind]

    @property
    def days_left(self) -> int:
        """Whole days until it is gone; 0 on the last one and afterwards."""
        return max(0, (self.until - clock.now()).days)


def expiring_items(package: Wire, periods: Periods | None = None) -> list[Expiring]:
    """Everything of a package that will not last, the first to go first; the same address and moment once."""
    periods, found = periods or current(), dict[tuple[str, str, datetime], Expiring]()
    for report in package.reports:
        made = package.created_at
        for one in (*_addresses(report, periods, made), _content(report, periods, made)):
            found.setdefault((one.kind, one.what, one.until), one)
    return sorted(found.values(), key=lambda one: (one.until, one.what))


def shown(found: list[Expiring]) -> tuple[list[Expiring], int]:
    """Evidence that a page lists, in order, and how many more there are. Expired evidence makes room first."""
    coming = [one for one in found if one.until > clock.now()][:MOST_LISTED]
    gone = [one for one in found if one.until <= clock.now()]
    kept = [*gone[len(gone) - min(len(gone), MOST_LISTED - len(coming)) :], *coming]
    return kept, len(found) - len(kept)


def next_of(package: Wire, now: datetime, periods: Periods | None = None) -> Expiring | None:
    """Evidence that expires next; None if everything has expired or nothing is named."""
    return next((one for one in expiring_items(package, periods) if one.until > now), None)


def _addresses(report: Report, periods: Periods, made: datetime) -> Iterator[Expiring]:
    matters, known = periods.by_country("address"), dict[str, str]()
    for place in (*report.locations, *(s.network for item in report.items for s in item.sightings if s.network)):
        if matters and str(place.ip) not in known:
            known[str(place.ip)] = _country(place)
        country = known.get(str(place.ip), "")
        period = periods.of("address", country)
        port = f" port {place.port}" if place.port else ""
        until = period.after(min(place.at, made))
        yield Expiring("address", f"{place.ip}{port}", until, period, country, place.at)


def _country(place: NetworkLocation) -> str:
    found = geolocation.known().find(place.ip)
    return found.country if found else ""


def _content(report: Report, periods: Periods, made: datetime) -> Expiring:
    what, stated = f"{report.provider.name}, {report.provider.contact_point}", report.preservation
    if stated is not None:
        where = f"{what}, {stated.reference}" if stated.reference else what
        return Expiring("stated", where[:300], stated.until)
    kind = "cybertip" if report.legal_basis.regime is Regime.FOREIGN_LAW else "preserved"
    period = periods.of(kind)
    return Expiring(kind, what[:300], period.after(min(report.issuance.issued_at, made)), period)
