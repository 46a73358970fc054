"""Write the public tables of each complete week once, and read them.

1. A week is complete 7 days after its last day, as the Centre then knows it. What happens later changes nothing.
2. The table is protected before it is stored: the row holds nothing that is not published.
3. One event for each table has its digest, so that the chain knows what was published.
4. A table that an older rule of disclosure protected is withheld whole when it is read. It is not computed again: two
  protected tables of one week hide different cells, and both together would reveal some.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from tutela import clock
from tutela.accountability.chain import event_counts, sequencer
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.observatory.models import TableKind, WeeklyTable
from tutela.observatory.tables.flows import WITHHELD, FlowTable, flow_table
from tutela.observatory.tables.quality import QualityLine, quality_lines
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.reports.figures import weekly_totals
from tutela.reports.figures.progress_counts import monday

COMPLETE_AFTER, WEEK = timedelta(days=7), timedelta(days=7)
SUBJECT = "weekly_table"
# So many weeks are read for a page or a dataset: five years.
MOST_WEEKS = 260
# Version of the rule by which `flows.py`, `quality.py` and `casework.disclosure` protect a table. Raise it with every
# change by which one of them hides more.
RULE = 1
_FLOWS, _QUALITY = TypeAdapter(FlowTable), TypeAdapter(list[QualityLine])


@dataclass(frozen=True)
class Week[T]:
    """A table of a week, with the day on which it was published and the position of the chain.

    `withheld` says that an older rule of disclosure protected the table. Nothing of it is given out.
    """

    monday: date
    published: date
    position: int
    digest: str
    table: T
    withheld: bool = False

    @property
    def name(self) -> str:
        """The week by ISO 8601, such as `2026-W47`."""
        return week_name(self.monday)


def week_name(monday: date) -> str:
    """A week by ISO 8601, such as `2026-W47`."""
    return f"{monday:%G-W%V}"


def store_complete(actor: Actor) -> int:
    """Store the tables of every week that has become complete; returns how many. For a job of every day."""
    sequencer.sequence_all()
    with acting(actor):
        stored = 0
        for begin in _missing(clock.now()):
            stored += _stored(actor, begin)
        return stored


def flows(most: int = MOST_WEEKS) -> list[Week[FlowTable]]:
    """Flows of the newest weeks of the Centre, the newest first; empty without a Centre."""
    return [_week(row, _FLOWS, WITHHELD) for row in _rows(TableKind.FLOWS, most)]


def quality(most: int = MOST_WEEKS) -> list[Week[list[QualityLine]]]:
    """Quality of reports of the newest weeks, the newest first; empty without a Centre."""
    return [_week(row, _QUALITY, []) for row in _rows(TableKind.QUALITY, most)]


def stamp(kind: TableKind) -> tuple[int, str]:
    """What stands for all tables of a kind: while it is the same, so are they. Tables are written once."""
    centre = directory.the_centre()
    if centre is None:
        return 0, ""
    with acting(_anonymous(centre)):
        rows = WeeklyTable.objects.filter(organisation_id=centre.id, kind=kind)
        newest = rows.order_by("-monday").values_list("pk", flat=True).first()
        return rows.count(), str(newest or "")


def _missing(now: datetime) -> Iterator[date]:
    """Mondays of complete weeks without tables, the oldest first; also of weeks in which nobody counted."""
    newest = WeeklyTable.objects.filter(kind=TableKind.FLOWS).order_by("-monday").first()
    first = newest.monday + WEEK if newest else weekly_totals.first_day()
    begin = monday(first) if first else None
    while begin is not None and begin + WEEK + COMPLETE_AFTER <= now.date():
        yield begin
        begin += WEEK


def _stored(actor: Actor, begin: date) -> int:
    last = begin + WEEK - timedelta(days=1)
    providers = {one.id: one for one in directory.list_organisations(kind="provider")}
    countries = {key: one.country for key, one in providers.items()}
    names = {key: one.name for key, one in providers.items()}
    shown = flow_table(weekly_totals.flows(begin, last), countries)
    lines = quality_lines(weekly_totals.quality(begin, last), names, countries, shown)
    tables: dict[TableKind, Any] = {
        TableKind.FLOWS: asdict(shown),
        TableKind.QUALITY: [asdict(one) for one in lines],
    }
    position = event_counts.newest().position
    return sum(_written(actor, kind, begin, position, content) for kind, content in tables.items())


def _written(actor: Actor, kind: TableKind, begin: date, position: int, content: Any) -> bool:
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    row = WeeklyTable(
        organisation_id=actor.organisation_id,
        kind=kind,
        monday=begin,
        position=position,
        content=content,
        digest=digest,
        rule=RULE,
    )
    if not insert_ignore(row):
        return False
    record(actor, "weekly_table.stored", SUBJECT, row.pk, table=kind.value, monday=begin, digest=digest)
    return True


def _rows(kind: TableKind, most: int) -> list[WeeklyTable]:
    centre = directory.the_centre()
    if centre is None:
        return []
    with acting(_anonymous(centre)):
        rows = WeeklyTable.objects.filter(organisation_id=centre.id, kind=kind)
        return list(rows.order_by("-monday")[:most])


def _anonymous(centre: DirectoryEntry) -> Actor:
    return directory.acting_for(centre, "public:anonymous", "Public figures")


def _week[T](row: WeeklyTable, kind: TypeAdapter[T], nothing: T) -> Week[T]:
    """A row as it is shown: nothing of a table that an older rule protected, nor the digest of what it was."""
    published = row.created_at.date()
    if row.rule < RULE:
        return Week(row.monday, published, row.position, "", nothing, withheld=True)
    return Week(row.monday, published, row.position, row.digest, kind.validate_python(row.content))
