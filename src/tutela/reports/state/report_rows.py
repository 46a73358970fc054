"""Rows of reports: those chosen for a bulk action, one locked for a change, and the body as the provider sent it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tutela.events.errors import Invalid, NotFound
from tutela.exchange.report.report import Report as Wire
from tutela.reports.models import Report
from tutela.reports.report_encryption import unseal

# This many are listed one by one and chosen by hand.
MOST_CHOSEN = 50


def chosen(report_ids: Sequence[UUID]) -> list[UUID]:
    """Reports chosen for a bulk action, each once, in their order. Raises `Invalid` for none and for too many."""
    found = list(dict.fromkeys(report_ids))
    if not found:
        raise Invalid("Choose at least one report.", field="report")
    if len(found) > MOST_CHOSEN:
        raise Invalid("Choose at most {most} reports at once.", field="report", most=MOST_CHOSEN)
    return found


def body_of(row: Report) -> Wire:
    """The report as the provider sent it. Raises `Erased` once its time is over."""
    return Wire.from_bytes(unseal(row.report_id, "report", row.report_id, bytes(row.sealed_body)))


def locked(report_id: UUID) -> Report:
    """The report, locked until the transaction ends. Raises `NotFound`."""
    row = Report.objects.select_for_update().filter(report_id=report_id).first()
    if row is None:
        raise NotFound
    return row
