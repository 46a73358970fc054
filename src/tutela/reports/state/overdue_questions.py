"""Questions to a provider whose time to answer has passed."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet

from tutela import clock
from tutela.law.clock_kinds import KINDS
from tutela.reports.models import Assessment, Report, State

CLOCK = "provider_answer"


def overdue_reports() -> QuerySet[Report]:
    """Reports whose provider has not answered within the time of the law. Call inside `acting(actor)`."""
    time = timedelta(hours=KINDS[CLOCK].length.hours)
    recent = Assessment.objects.filter(report=OuterRef("pk"), created_at__gt=clock.now() - time)
    return Report.objects.filter(~Exists(recent), state=State.ASKED, duplicate_of=None)
