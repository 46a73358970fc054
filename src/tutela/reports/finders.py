"""What the Centre's desk makes findable: reports, referrals and bundles."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.search import keyed_rows
from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor
from tutela.exchange.message.text_cleanup import whole_number
from tutela.reports.models import UNSHOWN, Bundle, CyberTip, Referral, Report

DESK, PERMISSION = "centre", "reports.read"
KEYED = frozenset(
    {
        ValueKind.NUMBER,
        ValueKind.DIGEST,
        ValueKind.EMAIL,
        ValueKind.IP,
        ValueKind.ACCOUNT,
        ValueKind.FILE_REFERENCE,
    }
)


def _reports(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    known = keyed_rows.find("reports_found", actor, values, most)
    named = Q(number__in=numbers) | Q(report_id__in=[*ids, *_filed_as(numbers)])
    rows = Report.objects.defer(*UNSHOWN)
    exact = list(rows.filter(named)[:most]) if numbers or ids else []
    keyed = rows.filter(pk__in=known).order_by("-created_at", "-pk")
    found = {row.pk: row for row in (*exact, *keyed)}
    return [
        Found(
            "report",
            row.report_id,
            row.number,
            reverse("report", args=[row.report_id]),
            row.get_state_display(),
            row.created_at,
        )
        for row in [*found.values()][:most]
    ]


def _filed_as(numbers: Sequence[str]) -> list[UUID]:
    """The reports that providers filed under these numbers at the CyberTipline interface."""
    whole = [one for text in numbers if (one := whole_number(text)) is not None]
    return list(CyberTip.objects.filter(number__in=whole).values_list("report_id", flat=True)) if whole else []


def _referrals(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    rows = Referral.objects.select_related("report").defer("sealed_body", *(f"report__{name}" for name in UNSHOWN))
    return [
        Found(
            "referral",
            row.referral_id,
            row.number,
            reverse("report", args=[row.report.report_id]),
            row.authority_name,
            row.created_at,
        )
        for row in rows.filter(Q(number__in=numbers) | Q(referral_id__in=ids))[:most]
    ]


def _bundles(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    rows = Bundle.objects.filter(number__in=of_kinds(values, ValueKind.NUMBER))[:most]
    return [
        Found("bundle", row.pk, row.number, reverse("report_bundle", args=[row.pk]), at=row.created_at) for row in rows
    ]


_NAMED = frozenset({ValueKind.NUMBER, ValueKind.ID})
FINDERS = (
    Finder("report", _("Reports"), PERMISSION, KEYED | {ValueKind.ID}, _reports, DESK, is_case=True),
    Finder("referral_sent", _("Referrals to authorities"), PERMISSION, _NAMED, _referrals, DESK, is_case=True),
    Finder("bundle", _("Bundles"), PERMISSION, frozenset({ValueKind.NUMBER}), _bundles, DESK),
)
