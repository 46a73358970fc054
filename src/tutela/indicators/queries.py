"""The register's state as SQL: rows decide, the newest act wins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from tutela.indicators.models import Activation, Indicator, Revocation, Suspension


def active_at(moment: datetime) -> QuerySet[Any]:
    """Indicators that were active at a moment, as the rows up to then say."""
    ended = Suspension.objects.filter(
        indicator=OuterRef("indicator"), round__gte=OuterRef("round"), created_at__lte=moment
    )
    begun = Activation.objects.filter(indicator=OuterRef("pk"), created_at__lte=moment).exclude(Exists(ended))
    revoked = Revocation.objects.filter(indicator=OuterRef("pk"), created_at__lte=moment)
    return Indicator.objects.filter(Exists(begun)).exclude(Exists(revoked))


def with_state() -> QuerySet[Any]:
    """Indicators annotated with `state`: revoked before suspended before active before proposed."""
    mine = Q(indicator=OuterRef("pk"))
    # A round ends with its suspension: an activation counts while none is of its round or a later one.
    ended = Suspension.objects.filter(indicator=OuterRef("indicator"), round__gte=OuterRef("round"))
    return Indicator.objects.annotate(
        state=Case(
            When(Exists(Revocation.objects.filter(mine)), then=Value("revoked")),
            When(Exists(Suspension.objects.filter(mine, end__isnull=True)), then=Value("suspended")),
            When(Exists(Activation.objects.filter(mine).exclude(Exists(ended))), then=Value("active")),
            default=Value("proposed"),
            output_field=CharField(),
        )
    )
