"""Write the public tables of each complete week once, and read them.

1. A week is complete 7 days after its last day, as the Centre then knows it. What happens later changes nothing.
2. The table is protected before it is stored: the row holds nothing that is not published.
3. One event for each table has its digest, so that the chain knows what was published.
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
from tutela.observatory.tables.flows import FlowTable, flow_table
from tutela.observatory.tables.quality import QualityLine, quality_lines
from tutela.organisations.people import directory
from tutela.reports.figures import weekly_totals
from tutela.reports.figures.progress_counts import monday

COMPLETE_AFTER, WEEK = timedelta(days=7), timedelta(days=7)
SUBJECT = "weekly_table"
# So many weeks are read for a page or a dataset: five years.
MOST_WEEKS = 260
_FLOWS, _QUALITY = TypeAdapter(FlowTable), TypeAdapter(list[QualityLine])


@dataclass(frozen=True)
class Week[T]:
    """A table of a week, with the day on which it was published and the position of the chain."""

    monday: date
    published: date
    position: int
    digest: str
    table: T

    @property
    def name(self) -> str:
        """The week by ISO 8601, such as `2026-W47`."""
        return f"{self.monday:%G-W%V}"


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
    return [_week(row, _FLOWS.validate_python(row.content)) for row in _rows(TableKind.FLOWS, most)]


def quality(most: int = MOST_WEEKS) -> list[Week[list[QualityLine]]]:
    """Quality of reports of the newest weeks, the newest first; empty without a Centre."""
    return [_week(row, _QUALITY.validate_python(row.content)) for row in _rows(TableKind.QUALITY, most)]


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
    )
    if not insert_ignore(row):
        return False
    record(actor, "weekly_table.stored", SUBJECT, row.pk, table=kind.value, monday=begin, digest=digest)
    return True


def _rows(kind: TableKind, most: int) -> list[WeeklyTable]:
    centre = directory.the_centre()
    if centre is None:
        return []
    with acting(directory.acting_for(centre, "public:anonymous", "Public figures")):
        rows = WeeklyTable.objects.filter(organisation_id=centre.id, kind=kind)
        return list(rows.order_by("-monday")[:most])


def _week[T](row: WeeklyTable, table: T) -> Week[T]:
    return Week(row.monday, row.created_at.date(), row.position, row.digest, table)
