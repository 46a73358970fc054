"""Refuse proposals of items judged not to be CSAM: the same digests, or a near image or frame.

1. An item is judged so if it was disputed as not CSAM, the Centre upheld the dispute, and the indicator was revoked.
2. A proposal or import of such an item is refused, with the kind of hash and the number of the judged indicator.
3. The Centre clears the item, with a reason, if the judgement was wrong. The item may then be proposed and needs the
   same certifications as any proposal. The indicator itself stays revoked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import numpy as np
from django.db.models import QuerySet

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.sql import run_statements
from tutela.events.transaction import acting
from tutela.indicators.hashes import blind_index, encryption, validation, video_frames
from tutela.indicators.hashes.errors import JudgedNotCsam
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import (
    Clearing,
    Dispute,
    Ground,
    Indicator,
    IndicatorFilm,
    IndicatorHash,
)
from tutela.matching.files.records import MAX_DISTANCE
from tutela.matching.index.hamming_index import HammingIndex

# The rule of retention by which one of these goes.
ERASED = "indicator.refuted"
_NEWEST = """
SELECT count(*), max(e.created_at), (SELECT count(*) FROM indicators_clearing),
  (SELECT count(*) FROM indicators_erasure WHERE rule = %s)
FROM indicators_disputedecision e JOIN indicators_dispute d ON d.id = e.dispute_id WHERE e.upheld AND d.ground = %s"""


@dataclass(frozen=True)
class _Judged:
    """Judged items: the entry of each keyed hash, and of each hash in the index, by its place."""

    blinds: Mapping[bytes, UUID]
    looks: HammingIndex
    owners: Sequence[UUID]


def judged() -> QuerySet[Dispute]:
    """The doubts by which entries were judged not to be CSAM that nobody cleared. Call inside `acting(actor)`.

    Of disputes there are few, and of entries millions.
    """
    return Dispute.objects.filter(
        ground=Ground.NOT_CSAM,
        decision__upheld=True,
        indicator__revocation__isnull=False,
        indicator__clearing=None,
        indicator__erasure=None,
    )


def refuse(given: Sequence[HashValue]) -> None:
    """Raises `JudgedNotCsam` for the first hash that is, or is near, what was judged. Call inside `acting(actor)`."""
    found = among([given])
    if found:
        kind, number = found[0]
        raise JudgedNotCsam(field=kind, number=number)


def among(lines: Sequence[Sequence[HashValue]]) -> dict[int, tuple[str, str]]:
    """Return the refused proposals by place: the kind of the matching hash, and the number of the judged item.

    Call inside `acting(actor)`.
    """
    known = _judged(*_newest())
    found = dict[int, tuple[str, UUID]]()
    if not known.blinds:
        return {}
    looks = [(at, g) for at, line in enumerate(lines) for g in line if g.kind in validation.LOOKS]
    if looks and known.owners:
        asked = np.frombuffer(b"".join(bytes.fromhex(g.value[:64]) for _at, g in looks), np.uint8).reshape(-1, 32)
        near = known.looks.query(asked, MAX_DISTANCE)
        for (at, _g), begin, end in zip(looks, near.offsets[:-1].tolist(), near.offsets[1:].tolist(), strict=True):
            if begin < end:
                found[at] = "pdq", known.owners[int(near.ids[begin])]
    for at, line in enumerate(lines):
        for g in line:
            owner = known.blinds.get(blind_index.blind(g.kind, g.value))
            if owner is not None and at not in found:
                found[at] = g.kind, owner
    numbers = dict(Indicator.objects.filter(pk__in={one for _kind, one in found.values()}).values_list("pk", "number"))
    return {at: (kind, numbers[owner]) for at, (kind, owner) in found.items()}


def index() -> HammingIndex:
    """The PDQ hashes of all that was judged and not cleared. Call inside `acting(actor)`."""
    return _judged(*_newest()).looks


def edition() -> tuple[int, datetime | None, int, int]:
    """Return a cache key that changes when an item is judged, cleared or erased. Call inside `acting(actor)`."""
    return _newest()


def stands(indicator_id: UUID) -> bool:
    """Whether the like of an entry is refused. Call inside `acting(actor)`."""
    return judged().filter(indicator=indicator_id).exists()


def clear(actor: Actor, indicator_id: UUID, reason: str) -> None:
    """The judgement was wrong: the like may be proposed again. The Centre's alone. Raises `Invalid`, `NotFound`."""
    actor.require("indicators.revoke")
    if not reason.strip():
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
    with acting(actor):
        found = judged().filter(indicator=indicator_id).select_related("indicator").first()
        if found is None:
            raise NotFound
        row = found.indicator
        made = Clearing(
            organisation_id=actor.organisation_id,
            indicator=row,
            reason=reason.strip()[:300],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(made):
            raise NotFound
        record(actor, "indicator.cleared", "indicator", row.pk, number=row.number)


def _newest() -> tuple[int, datetime | None, int, int]:
    """Return a cache key that changes when an item is judged, cleared or erased."""
    # A decision and its revocation are one transaction.
    ((many, last, cleared, erased),) = run_statements([(_NEWEST, [ERASED, Ground.NOT_CSAM.value])])[0]
    return many, last, cleared, erased


@lru_cache(maxsize=2)
def _judged(_many: int, _last: datetime | None, _cleared: int, _erased: int) -> _Judged:
    """Return the judged items, cached until another item is judged, cleared or erased."""
    blinds, looks, owners = dict[bytes, UUID](), list[bytes](), list[UUID]()
    about = judged().values("indicator")
    for row in IndicatorHash.objects.filter(indicator__in=about).iterator(chunk_size=5000):
        if row.kind in validation.LOOKS:
            looks.append(encryption.raw(row.wrapped)[: validation.LOOK_BYTES])
            owners.append(row.indicator_id)
        # A part of a picture is not the picture.
        if row.kind != validation.WINDOW:
            blinds[bytes(row.blind)] = row.indicator_id
    for film in IndicatorFilm.objects.filter(indicator__in=about).iterator(chunk_size=10):
        of_film = sorted({one.pdq for one in video_frames.opened(film).frames})
        looks += of_film
        owners += [film.indicator_id] * len(of_film)
    index = HammingIndex(np.frombuffer(b"".join(looks), np.uint8).reshape(-1, 32))
    return _Judged(blinds, index, owners)
