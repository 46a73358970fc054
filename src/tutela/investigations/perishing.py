"""What of a referral will not last: logs of addresses, and what the provider preserves. Each with its own date.

- Who had an address, carriers log for some months where they log it at all: 180 days from the moment that is named.
- A provider preserves the content for at most twelve months from its report (CSAR Art. 22(2)).
The earliest date that is still to come stands in the inbox; what is over is shown as lost on the referral's page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela.exchange.hints import OLD
from tutela.exchange.referral import Referral as Wire
from tutela.exchange.report import Report
from tutela.law.clock_kinds import add_months

PRESERVED_MONTHS = 12
KINDS: dict[str, Promise] = {"address": _("Log of an address"), "preserved": _("Content at the provider")}
# A page lists so many; a report may name a thousand addresses.
MOST = 50


@dataclass(frozen=True)
class Perishing:
    """Something that will be gone: which kind, what, and when."""

    kind: str
    what: str
    until: datetime

    @property
    def label(self) -> Promise:
        return KINDS[self.kind]


def of(package: Wire) -> list[Perishing]:
    """Everything of a package that will not last, the first to go first; one address once, by its newest moment."""
    found: dict[tuple[str, str], Perishing] = {}
    for report in package.reports:
        for one in _of(report):
            key = (one.kind, one.what)
            if key not in found or found[key].until < one.until:
                found[key] = one
    return sorted(found.values(), key=lambda one: (one.until, one.what))


def next_of(package: Wire, now: datetime) -> Perishing | None:
    """What is the next to go; None where everything is gone or nothing is named."""
    return next((one for one in of(package) if one.until > now), None)


def _of(report: Report) -> Iterator[Perishing]:
    places = [*report.locations, *(s.network for item in report.items for s in item.sightings if s.network)]
    for place in places:
        port = f" port {place.port}" if place.port else ""
        yield Perishing("address", f"{place.ip}{port}", place.at + OLD)
    until = add_months(report.issuance.issued_at, PRESERVED_MONTHS)
    yield Perishing("preserved", f"{report.provider.name}, {report.provider.contact_point}"[:300], until)
