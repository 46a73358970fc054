"""What redress makes findable: complaints, reversals and requests of data subjects, by number and ID."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor
from tutela.redress.complaints import rows
from tutela.redress.data_subjects import requests
from tutela.redress.models import Complaint, DataRequest, Reversal
from tutela.redress.reversals import hops

KINDS = frozenset({ValueKind.NUMBER, ValueKind.ID})


def _wanted(values: Sequence[Value], *references: str) -> Q:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    wanted = Q(number__in=numbers) | Q(pk__in=ids)
    for name in references:
        wanted |= Q(**{f"{name}__in": numbers})
    return wanted


def _complaints(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    wanted = _wanted(values, "notice_number") | Q(report_id__in=of_kinds(values, ValueKind.ID))
    found = Complaint.objects.filter(wanted).defer("sealed").order_by("-received_at", "-pk")[:most]
    return [
        Found(
            rows.SUBJECT,
            one.pk,
            one.number,
            reverse("complaint", args=[one.pk]),
            one.get_stage_display(),
            one.received_at,
        )
        for one in found
    ]


def _reversals(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    wanted = _wanted(values, "sender_number", "notice_number") | Q(root_id__in=of_kinds(values, ValueKind.ID))
    found = Reversal.objects.filter(wanted).order_by("-created_at", "-pk")[:most]
    return [
        Found(hops.SUBJECT, one.pk, one.number, reverse("reversal", args=[one.pk]), "", one.created_at) for one in found
    ]


def _requests(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    found = DataRequest.objects.filter(_wanted(values)).order_by("-received_at", "-pk")[:most]
    return [
        Found(
            requests.SUBJECT,
            one.pk,
            one.number,
            reverse("data_request", args=[one.pk]),
            one.get_stage_display(),
            one.received_at,
        )
        for one in found
    ]


FINDERS = (
    Finder(rows.SUBJECT, _("Complaints"), rows.READ, KINDS, _complaints, is_case=True),
    Finder(hops.SUBJECT, _("Reversals"), hops.READ, KINDS, _reversals, is_case=True),
    Finder(requests.SUBJECT, _("Requests of data subjects"), requests.READ, KINDS, _requests),
)
