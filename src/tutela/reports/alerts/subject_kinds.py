"""Subjects of the Centre's alerts: urgent reports, and senders whose urgent reports share one alert."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.reports.alerts import flood_alerts, pending_reports
from tutela.reports.alerts.flood_alerts import SENDER
from tutela.reports.alerts.pending_reports import REPORT, UndeliveredReason

KINDS = (REPORT, SENDER)
PAGE = "/desk/reports/alerts/"
TEXTS = AlertTexts(
    headline=_("Tutela: urgent reports with unanswered alerts: %(count)s"),
    line=_("%(number)s: refer by %(due)s (%(why)s)"),
    handed_on=_("%(number)s: must arrive by %(due)s (%(why)s)"),
    counted=_("%(count)s from senders in a separate queue; refer the first by %(due)s"),
)


def _muted() -> QuerySet[Any]:
    return flood_alerts.own_reports().values("report_id")


REPORTS = SubjectKind(
    name=REPORT,
    event_subject="report",
    read="reports.read",
    answer="reports.assess",
    clock="urgent_referral",
    desk="centre",
    page=PAGE,
    texts=TEXTS,
    pending=pending_reports.pending_alerts,
    lock=pending_reports.lock,
    reasons=dict(UndeliveredReason.choices),
    muted=_muted,
    bell=pending_reports.bell,
)
SENDERS = SubjectKind(
    name=SENDER,
    event_subject="organisation",
    read="reports.read",
    answer="reports.assess",
    clock="urgent_referral",
    desk="centre",
    page=PAGE,
    texts=TEXTS,
    pending=flood_alerts.pending_floods,
    lock=flood_alerts.lock,
    counts="reports",
    bell=flood_alerts.bell,
)
