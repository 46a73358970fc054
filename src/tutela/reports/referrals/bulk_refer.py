"""Bulk referral: what would be referred to whom, before anything is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.reports.models import UNSHOWN, Decision, Report
from tutela.reports.referrals import addressees
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state import report_rows


@dataclass(frozen=True)
class ReferralLine:
    """A chosen report: the authorities that would get it, and who has claimed it. Without any it cannot be referred."""

    report_id: UUID
    number: str
    urgent: bool
    recipients: list[str]
    claimed_by: str


def preview(actor: Actor, report_ids: Sequence[UUID]) -> list[ReferralLine]:
    """The chosen reports as they would be referred, in their order. Raises `Invalid` for none and for too many."""
    actor.require("reports.refer")
    chosen = report_rows.chosen(report_ids)
    with acting(actor):
        rows = {row.report_id: row for row in Report.objects.filter(report_id__in=chosen).defer(*UNSHOWN)}
        holders = claim.holders(SUBJECT, rows)
        return [
            ReferralLine(one, rows[one].number, rows[one].urgent, _recipients(rows[one]), holders.get(one, ""))
            for one in chosen
            if one in rows
        ]


def _recipients(row: Report) -> list[str]:
    if row.decision != Decision.FORWARD or row.duplicate_of_id or row.erased_at is not None:
        return []
    return [one.name for one in addressees.still_without(row)]
