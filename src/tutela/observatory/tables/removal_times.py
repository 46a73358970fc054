"""Times to removal: the quarters that hotlines have published, protected and answered by providers before."""

from __future__ import annotations

from dataclasses import dataclass

from tutela.organisations.people import directory
from tutela.takedown.ledger import publication
from tutela.takedown.ledger.histories import READ
from tutela.takedown.ledger.public_figures import PublicQuarter


@dataclass(frozen=True)
class HotlineQuarter:
    """A published quarter of a hotline."""

    hotline: str
    country: str
    figures: PublicQuarter


def quarters() -> list[HotlineQuarter]:
    """Published quarters of every verified hotline, in the order of time."""
    found = []
    for entry in directory.list_organisations(kind="hotline"):
        if entry.verified:
            actor = directory.acting_for(entry, "public:anonymous", "Public figures", frozenset({READ}))
            found += [HotlineQuarter(entry.name, entry.country, one.figures) for one in publication.published(actor)]
    return sorted(found, key=lambda one: (one.figures.first_week, one.hotline))
