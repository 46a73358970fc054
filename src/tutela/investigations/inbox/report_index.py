"""Reports that an authority holds in its packages."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tutela.investigations.models import ReportIndex


def referrals_of(report_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """Referral IDs and numbers of the packages that name these reports. Call inside `acting(actor)`."""
    rows = ReportIndex.objects.filter(report_id__in=list(report_ids)).select_related("referral")
    return list({(one.referral.referral_id, one.referral.number) for one in rows})
