"""The register's state as SQL: rows decide, the newest act wins."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Value, When

from tutela.indicators.models import Activation, Dispute, DisputeDecision, Indicator, Revocation


def with_state() -> QuerySet[Any]:
    """Indicators annotated with `state`: revoked before suspended before active before proposed."""
    undecided = Dispute.objects.filter(indicator=OuterRef("pk")).exclude(
        Exists(DisputeDecision.objects.filter(dispute=OuterRef("pk")))
    )
    return Indicator.objects.annotate(
        state=Case(
            When(Exists(Revocation.objects.filter(indicator=OuterRef("pk"))), then=Value("revoked")),
            When(Exists(undecided), then=Value("suspended")),
            When(Exists(Activation.objects.filter(indicator=OuterRef("pk"))), then=Value("active")),
            default=Value("proposed"),
            output_field=CharField(),
        )
    )
