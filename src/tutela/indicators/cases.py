"""Indicators as cases that people of one organisation work on together. Other members see none of it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, WorkSubject
from tutela.events.actor import Actor
from tutela.indicators.models import Indicator

KIND = "indicator"


def _find(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    rows = Indicator.objects.filter(pk__in=list(ids)).values_list("pk", "number", "erasure")
    return {pk: Case(number, reverse("indicator", args=[pk]), erased is not None) for pk, number, erased in rows}


CASES = WorkSubject(
    kind=KIND,
    label=_("Indicator"),
    event_subject="indicator",
    read="indicators.read",
    decide=("indicators.certify", "indicators.dispute", "indicators.revoke"),
    disclose="indicators.read",
    find=_find,
    queue="indicators",
)
