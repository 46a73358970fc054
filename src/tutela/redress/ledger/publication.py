"""What everybody may see: complaints decided, and the reversal rate, of each organisation that decides complaints.

1. A period is a calendar quarter that is over. Decisions never change, so a published quarter does not either: two
   publications give no difference.
2. Counts below 5 are not published, nor what would reveal them (`casework.disclosure`). A rate stands with its counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from tutela import clock
from tutela.casework.disclosure.columns import protect_column
from tutela.casework.disclosure.rules import LEAST_PERSONS
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.redress.ledger import figures
from tutela.redress.ledger.figures import Rate

QUARTERS, MONTHS = 4, 3
KINDS = ("provider", "hotline", "coordinating_authority")


@dataclass(frozen=True)
class PublicLine:
    """Complaints of one organisation in a quarter. None stands for what is not published."""

    name: str
    kind: str
    quarter: str
    decided: int | None
    rate: Rate | None
    late: int | None


@dataclass(frozen=True)
class ComplaintQuarter:
    """A calendar quarter in UTC."""

    year: int
    number: int

    @property
    def begin(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, 1 + MONTHS * self.number, 1, tzinfo=UTC)

    @property
    def after(self) -> ComplaintQuarter:
        """The quarter that follows."""
        return ComplaintQuarter(self.year + self.number // 3, (self.number + 1) % 4)

    @property
    def before(self) -> ComplaintQuarter:
        """The quarter that precedes."""
        return ComplaintQuarter(self.year - (self.number == 0), (self.number - 1) % 4)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number + 1}"


def quarters(now: datetime) -> list[ComplaintQuarter]:
    """The quarters that are published at a moment, the newest first."""
    day = now.astimezone(UTC)
    found = [ComplaintQuarter(day.year, (day.month - 1) // MONTHS).before]
    while len(found) < QUARTERS:
        found.append(found[-1].before)
    return found


def lines() -> list[PublicLine]:
    """A line for each quarter with decisions of each organisation, providers first, by name; or one without any."""
    now, found = clock.now(), list[PublicLine]()
    for kind in KINDS:
        for entry in sorted(directory.list_organisations(kind=kind), key=lambda one: one.name):
            if not entry.verified:
                continue
            with acting(directory.acting_for(entry, "public:anonymous", "Public figures")):
                counted = [(one, *figures.complaint_rate(one.begin, one.after.begin)) for one in quarters(now)]
            with_any = [one for one in counted if one[1].of]
            found += [protected(entry.name, kind, *one) for one in with_any or counted[:1]]
    return found


def protected(name: str, kind: str, quarter: ComplaintQuarter, rate: Rate, late: int) -> PublicLine:
    """The line as it may be published: neither part of the decisions may be small, nor follow from the other."""
    outcome = protect_column({"reversed": rate.errors, "upheld": rate.of - rate.errors}, LEAST_PERSONS)
    time = protect_column({"late": late, "in time": rate.of - late}, LEAST_PERSONS)
    decided = None if None in (outcome.total, time.total) else rate.of
    shown = rate if decided is not None and None not in outcome.cells.values() else None
    return PublicLine(name, kind, str(quarter), decided, shown, time.cells["late"] if decided is not None else None)
