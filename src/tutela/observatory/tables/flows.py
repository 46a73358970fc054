"""Reports of a week by the country of the sender and the country that is responsible, with small cells protected.

A report is about a person, so a cell of fewer than 5 is not shown, nor one from which it could be computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from tutela.casework.disclosure.rules import LEAST_PERSONS, CountedTable
from tutela.casework.disclosure.suppression import CannotProtect, protect
from tutela.reports.figures.weekly_totals import FlowTotal

# A report without a country goes to Europol, and a provider that left the directory has no country.
EUROPOL, NOT_KNOWN = "Europol", "ZZ"


@dataclass(frozen=True)
class FlowTable:
    """Reports from countries (rows) to countries (columns). None stands for what is not published."""

    origins: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    cells: tuple[tuple[int | None, ...], ...] = ()
    origin_totals: tuple[int | None, ...] = ()
    destination_totals: tuple[int | None, ...] = ()
    total: int | None = 0

    def to(self, country: str) -> int | None:
        """Reports to a country; 0 if it is no column. None is not published, as in a table that is withheld whole."""
        absent = None if self.total is None and not self.destinations else 0
        return dict(zip(self.destinations, self.destination_totals, strict=True)).get(country, absent)

    def shows_origin(self, country: str) -> bool:
        """Return true if the total of reports from a country is published."""
        return dict(zip(self.origins, self.origin_totals, strict=True)).get(country) is not None


# A table of which nothing is published, not even from and to which countries there were reports.
WITHHELD = FlowTable(total=None)


def origin_of(provider_id: UUID, countries: Mapping[UUID, str]) -> str:
    """The row of a provider in the table."""
    return countries.get(provider_id) or NOT_KNOWN


def flow_table(totals: Iterable[FlowTotal], countries: Mapping[UUID, str]) -> FlowTable:
    """The protected table. Nothing but its labels is published where no pattern of hidden cells protects it."""
    counted = Counter[tuple[str, str]]()
    for one in totals:
        counted[origin_of(one.provider_id, countries), one.country or EUROPOL] += one.reports
    origins = tuple(sorted({origin for origin, _to in counted}))
    destinations = tuple(sorted({to for _origin, to in counted}))
    if not origins:
        return FlowTable()
    cells = tuple(tuple(counted[origin, to] for to in destinations) for origin in origins)
    try:
        shown = protect(CountedTable(origins, destinations, cells, threshold=LEAST_PERSONS))
    except CannotProtect:
        nothing = (None,) * len(destinations)
        return FlowTable(origins, destinations, (nothing,) * len(origins), (None,) * len(origins), nothing, None)
    return FlowTable(origins, destinations, shown.cells, shown.row_totals, shown.column_totals, shown.total)
