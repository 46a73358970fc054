"""Lock the row of a report for a change, and open the body as the provider sent it."""

from __future__ import annotations

from uuid import UUID

from tutela.events.errors import NotFound
from tutela.exchange.report.report import Report as Wire
from tutela.reports.models import Report
from tutela.reports.report_encryption import unseal


def body_of(row: Report) -> Wire:
    """The report as the provider sent it. Raises `Erased` once its time is over."""
    return Wire.from_bytes(unseal(row.report_id, "report", row.report_id, bytes(row.sealed_body)))


def locked(report_id: UUID) -> Report:
    """The report, locked until the transaction ends. Raises `NotFound`."""
    row = Report.objects.select_for_update().filter(report_id=report_id).first()
    if row is None:
        raise NotFound
    return row
