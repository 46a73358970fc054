"""Rows of stored hashes: written with a proposal, and compared with those that are there."""

from __future__ import annotations

from tutela.indicators.errors import (
    KnownItem,
)
from tutela.indicators.hashes import stored_hashes
from tutela.indicators.hashes.stored_hashes import Given
from tutela.indicators.models import (
    Indicator,
    IndicatorHash,
    Revocation,
)


def new_row(of: Indicator, g: Given, salt: bytes | None) -> IndicatorHash:
    return IndicatorHash(
        organisation_id=of.organisation_id,
        indicator=of,
        kind=g.kind,
        wrapped=stored_hashes.sealed(g.value + g.structure),
        blind=stored_hashes.blind(g.kind, g.value),
        quality=g.quality,
        hasher=g.hasher,
        sketch=stored_hashes.sketch_of(g),
        salt=salt,
    )


def refuse_known(good: list[Given]) -> None:
    # Windows of two pictures of a series may agree; they make none of them known.
    for g in (one for one in good if one.kind != stored_hashes.WINDOW):
        same = IndicatorHash.objects.filter(kind=g.kind, blind=stored_hashes.blind(g.kind, g.value))
        for row in same.select_related("indicator"):
            if not Revocation.objects.filter(indicator=row.indicator).exists():
                raise KnownItem(
                    "{number} has this digest; certify that one instead.", field=g.kind, number=row.indicator.number
                )
