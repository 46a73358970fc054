"""Rows of stored hashes: written with a proposal, and compared with existing rows."""

from __future__ import annotations

from django.db import connection

from tutela.indicators.hashes import blind_index, encryption, validation
from tutela.indicators.hashes.errors import KnownItem
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import (
    Indicator,
    IndicatorHash,
    Revocation,
)


def exclude_imports() -> None:
    """Wait for a running import batch to commit; proposals do not block each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('tutela.import'))")


def new_row(of: Indicator, g: HashValue, salt: bytes | None) -> IndicatorHash:
    """A hash of an indicator as a row, sealed and findable; the caller inserts it."""
    return IndicatorHash(
        organisation_id=of.organisation_id,
        indicator=of,
        kind=g.kind,
        wrapped=encryption.sealed(g.value + g.structure),
        blind=blind_index.blind(g.kind, g.value),
        quality=g.quality,
        hasher=g.hasher,
        sketch=blind_index.sketch_of(g),
        salt=salt,
    )


def refuse_known(good: list[HashValue]) -> None:
    """Raise `KnownItem` where an indicator that is not revoked has one of these hashes. Call inside `acting(actor)`."""
    # Windows of two pictures of a series may agree; they make none of them known.
    for g in (one for one in good if one.kind != validation.WINDOW):
        same = IndicatorHash.objects.filter(kind=g.kind, blind=blind_index.blind(g.kind, g.value))
        for row in same.select_related("indicator"):
            if not Revocation.objects.filter(indicator=row.indicator).exists():
                raise KnownItem(
                    "{number} already has this digest. Certify that indicator instead.",
                    field=g.kind,
                    number=row.indicator.number,
                )
