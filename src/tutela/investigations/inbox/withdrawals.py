"""Withdrawals by the Centre, noted on every referral they concern, also on one that arrives later.

A withdrawal and its referral may arrive in either order: one delivered and one in an offline file, or in two files. In
both orders, the referral shows that its basis is no longer valid. A referral that was made after the withdrawal is not
marked.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.exchange.referral.referral import Referral as Package
from tutela.exchange.referral.withdrawal import Withdrawal
from tutela.investigations.inbox.packages import package_of
from tutela.investigations.models import EarlyWithdrawal, Referral, ReportIndex, Withdrawn
from tutela.organisations.keys import subject_keys

# Text about a report whose package may still arrive is sealed by the report's own key.
REPORT = "report"


def note(actor: Actor, message: Withdrawal) -> None:
    """Note a withdrawal on every referral that it concerns. Call inside `acting(actor)`."""
    concerned = Referral.objects.filter(report_index__report_id__in=message.report_ids).distinct()
    for row in concerned:
        if message.indicator is not None or not _made_since(row, message.at):
            _note(actor, row, message.indicator, message.said)
    # A second package of a report that is here may be on its way.
    for report_id in sorted({*message.report_ids}):
        early = EarlyWithdrawal(
            organisation_id=actor.organisation_id,
            report_id=report_id,
            indicator=message.indicator,
            reason=message.said,
            at=message.at,
        )
        subject_keys.seal_words(actor, REPORT, report_id, early)
        early.save()


def apply_early(actor: Actor, row: Referral, package: Package) -> None:
    """Note on a referral that has just come what was withdrawn of its reports before. Call inside `acting(actor)`."""
    found = EarlyWithdrawal.objects.filter(report_id__in=reports_of(package), at__gte=package.created_at)
    for early in found.order_by("at", "id"):
        subject_keys.open_words(REPORT, early.report_id, [early])
        _note(actor, row, early.indicator, early.reason)


def forget(row: Referral) -> None:
    """Erase why reports of an erased referral were withdrawn, unless a package of them is kept. Inside `acting`."""
    its = set(ReportIndex.objects.filter(referral=row).values_list("report_id", flat=True))
    kept = ReportIndex.objects.filter(report_id__in=its, referral__erased_at=None)
    for report_id in its - set(kept.values_list("report_id", flat=True)):
        EarlyWithdrawal.objects.filter(report_id=report_id).delete()
        subject_keys.erase(REPORT, report_id)


def reports_of(package: Package) -> list[UUID]:
    """The reports with which a package stands and falls: of a supplement also the one that its own repeat."""
    carried = [one.report_id for one in package.reports]
    return [*carried, *package.duplicates_of] if package.supplement_to is not None else carried


def _made_since(row: Referral, moment: datetime) -> bool:
    """Return whether a referral was made after a report was withdrawn.

    In that case the Centre has decided again.
    """
    package = package_of(row)
    return package is not None and package.created_at > moment


def _note(actor: Actor, row: Referral, indicator: UUID | None, reason: str) -> None:
    made = Withdrawn(organisation_id=actor.organisation_id, referral=row, indicator=indicator, reason=reason)
    subject_keys.seal_words(actor, "referral", row.referral_id, made)
    made.save()
    record(actor, "referral.withdrawn", "referral", row.referral_id, indicator=indicator)
