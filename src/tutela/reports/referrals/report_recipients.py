"""Who got a report: its sender, and the authorities that hold a package of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from tutela.reports.models import Referral, Report


@dataclass(frozen=True)
class ReportRecipients:
    """A report, its sender, the entries it rests on, and each authority with its packages."""

    report_id: UUID
    number: str
    provider_id: UUID
    entries: tuple[UUID, ...]
    authorities: tuple[tuple[UUID, str], ...]
    erroneous: bool


def recipients_of(report_ids: Collection[UUID]) -> list[ReportRecipients]:
    """Recipients of these reports; unknown ones are left out. Call inside `acting(actor)`.

    Packages of a duplicate are those of its original.
    """
    rows = Report.objects.filter(report_id__in=list(report_ids)).select_related("duplicate_of").order_by("created_at")
    return [_of(row) for row in rows]


def _of(row: Report) -> ReportRecipients:
    decider = row.duplicate_of or row
    ever = Referral.objects.filter(report__in=[row, decider])
    found = dict(ever.order_by("created_at").values_list("authority_id", "authority_name"))
    return ReportRecipients(
        row.report_id,
        row.number,
        row.provider_id,
        tuple(row.entries),
        tuple(found.items()),
        decider.state == "erroneous",
    )
