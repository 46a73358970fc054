"""Series of items: join the bundles of one series and record the reason.

- The register states a series, for an active indicator that carries a digest of the item; or the provider states one,
  for its own items. A provider's statement applies only to its own reports, because another provider may use the same
  name for something else.
- Intake notes the series with the report; a job joins the bundles afterwards. Bundles that people have split or taken
  apart stay apart, and the series is shown as a link.
- The register's code is random and is stored with the change. A provider's text stays in the sealed report.
- Items and cases stay separate: no report becomes a duplicate, is decided or closed by this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Min, Model

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report as Wire
from tutela.reports.bundles import join, near_duplicates
from tutela.reports.models import Bundle, InSeries, Regrouping, Report
from tutela.reports.report_encryption import blind
from tutela.reports.scoring.link_keys import SERIES

# Of a series so many bundles are tried: what is left are those that people took apart.
MOST_TRIED = 20
# A run of the job joins so many, each in a transaction of its own.
REPORTS_AT_ONCE = 500
# A keyed hash of a series, and its code where everybody of the register knows that.
type Mark = tuple[bytes, str]


def marks_of(provider: UUID, report: Wire, codes: Iterable[str]) -> list[Mark]:
    """The series of a report: by `codes` of the register's entries that count, and by the provider's own word."""
    own = sorted({item.series.casefold() for item in report.items if item.series})
    found = [(blind("series", "register", code), code) for code in sorted(set(codes))]
    return found + [(blind("series", str(provider), code), "") for code in own]


def traits(marks: Iterable[Mark]) -> list[bytes]:
    """Link keys of the series, by which reports in any bundle are found to be linked."""
    return [SERIES + mark[:15] for mark, _code in marks]


def rows(actor: Actor, report: UUID, marks: Iterable[Mark]) -> Iterator[Model]:
    """Yield the rows to insert with a report, with its key. Call inside `acting(actor)`."""
    for mark, code in marks:
        yield InSeries(
            organisation_id=actor.organisation_id, report_id=report, mark=mark, code=code, to_join=clock.now()
        )


def found_later(actor: Actor, row: Report, report: Wire, codes: Iterable[str]) -> bool:
    """Note the series of a report that was not noted with it; whether there was one.

    Call inside `acting(actor)`, the row locked.
    """
    marks = marks_of(row.provider_id, report, codes)
    known = {bytes(mark) for mark in InSeries.objects.filter(report=row).values_list("mark", flat=True)}
    new = [one for one in marks if one[0] not in known]
    if new:
        insert_all(rows(actor, row.pk, new))
        row.traits = [*map(bytes, row.traits or ()), *traits(new)]
        row.save(update_fields=["traits"])
        record(actor, "report.in_series", "report", row.report_id, codes=[code for _mark, code in new if code])
    return bool(new)


def join_waiting(actor: Actor) -> int:
    """Join the bundles of reports that wait with those of the same series; returns how many waited."""
    with acting(actor):
        rows = InSeries.objects.exclude(to_join=None).order_by("to_join", "pk")
        waiting = list(rows.values_list("pk", flat=True)[:REPORTS_AT_ONCE])
    return sum(_joined(actor, pk) for pk in waiting)


def _joined(actor: Actor, pk: UUID) -> bool:
    with acting(actor):
        row = InSeries.objects.select_for_update(skip_locked=True).filter(pk=pk).exclude(to_join=None).first()
        if row is None:
            return False  # another process has it
        _join(actor, row)
        row.to_join = None
        row.save(update_fields=["to_join"])
    return True


def forget(row: Report) -> None:
    """A report whose contents go is of no series any longer. Call inside `acting(actor)`."""
    InSeries.objects.filter(report=row).delete()


def _join(actor: Actor, row: InSeries) -> None:
    mine, others = _locked(row)
    for other in others:
        if not near_duplicates.apart(mine, other):
            join.join(actor, [mine, other], kind=Regrouping.SERIES, reason=row.code)
            return


def _locked(row: InSeries) -> tuple[UUID, list[UUID]]:
    """The report's bundle and others of the series, the oldest first, all locked in one order, as intake does."""
    held: set[UUID] = set()
    while True:
        mine = Report.objects.values_list("bundle", flat=True).get(pk=row.report_id)
        found = InSeries.objects.filter(mark=row.mark).exclude(report__bundle=mine).values("report__bundle")
        ranked = found.annotate(first=Min("created_at")).order_by("first", "report__bundle")[:MOST_TRIED]
        others = [one["report__bundle"] for one in ranked]
        if {mine, *others} <= held:
            return mine, others
        held = {mine, *others}
        list(Bundle.objects.select_for_update().filter(pk__in=held).order_by("pk"))
