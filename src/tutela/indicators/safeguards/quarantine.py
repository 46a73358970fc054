"""Quarantine: indicators that `anomalies` finds odd cannot be certified before the Centre has checked.

A proposal is held individually, an import as a whole; its active indicators are suspended. After a release, held
indicators continue normally. After a refusal, every one that is not revoked yet is revoked with the reason. An
organisation that did assess the item can propose it again (`hold_effects`). An unfinished import stops once it
was refused. A released import is held again if a later batch is anomalous, but not for its size alone. Triggers refuse
an activation of held indicators. The Centre decides (`hold_release`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Count

from tutela.events.actor import Actor
from tutela.exchange.register.reason_codes import HoldReason
from tutela.exchange.register.video_frames import Film
from tutela.indicators.hashes import anomalies, blind_index, validation
from tutela.indicators.hashes.anomalies import Odd, PdqNumber, Profile
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import (
    Hold,
    HoldDecision,
    HoldKind,
    ImportBatch,
    Indicator,
    IndicatorHash,
)
from tutela.indicators.safeguards import holds, import_quotas
from tutela.indicators.safeguards.errors import HeldAsOutlier, ImportRefused

# So many earlier imports are compared.
REMEMBERED = 50
# These codes concern the size of a whole run, which the person who released it has already seen.
OF_SIZE = frozenset({HoldReason.PROPOSALS, HoldReason.LARGER, HoldReason.SIZE})


def of_proposal(actor: Actor, indicator: Indicator, given: Sequence[HashValue], film: Film | None = None) -> None:
    """Hold a proposal that is an outlier, after it was written. Call inside `acting(actor)`."""
    wholes, parts = _looks(given, "pdq"), _looks(given, validation.WINDOW)
    sketches = {one for g in given if (one := blind_index.sketch_of(g)) is not None}
    near = IndicatorHash.objects.filter(sketch__in=sketches).exclude(indicator=indicator)
    neighbours = near.values("indicator").distinct()[: anomalies.CROWD * 10].count() if sketches else 0
    odd = anomalies.of_one(wholes + parts, neighbours) + anomalies.of_parts(len(wholes), len(parts))
    odd += of_film(film) if film else []
    if odd:
        holds.place(actor, HoldKind.INDICATOR, indicator.pk, odd)


def of_film(film: Film) -> list[Odd]:
    """Return the anomalies of a video's frames."""
    return anomalies.of_film([PdqNumber(int.from_bytes(one.pdq), one.quality) for one in film.frames])


def of_batch(
    actor: Actor, run_id: UUID, entries: Sequence[tuple[UUID, Sequence[HashValue]]], of_films: Sequence[Film] = ()
) -> Profile:
    """Hold an import that is an outlier or larger than the Centre allows, after a batch was written.

    Call inside `acting(actor)`, before the batch is counted.
    """
    looks = [one for _id, given in entries for one in _looks(given, "pdq")]
    bare = sum(not any(g.kind in ("sha256", "sha1", "md5") for g in given) for _id, given in entries)
    profile = anomalies.profile(len(entries), bare, looks)
    odd = anomalies.of_batch(looks) + anomalies.of_history(_so_far(run_id, profile), _before(actor, run_id))
    odd += (
        import_quotas.odd(actor, run_id, len(entries))
        + _crowded(entries)
        + [one for film in of_films for one in of_film(film)]
    )
    odd += _worst(entries, looks)
    hold_run(actor, run_id, odd)
    return profile


def hold_run(actor: Actor, run_id: UUID, odd: Sequence[Odd]) -> None:
    """Hold an import for what is odd about it, if anything is, and nobody has seen it. Call inside `acting(actor)`."""
    if odd and (news := _news(run_id, odd)):
        holds.place(actor, HoldKind.IMPORT, run_id, news)


def refuse_refused(run_id: UUID) -> None:
    """Raise `ImportRefused` for a refused import.

    Call inside `acting(actor)`, where no decision may happen meanwhile (`stored_hashes.exclude_imports`).
    """
    if HoldDecision.objects.filter(hold__subject_id=run_id, hold__kind=HoldKind.IMPORT, accepted=False).exists():
        raise ImportRefused


def refuse_held(row: Indicator) -> None:
    """Raises `HeldAsOutlier` for what nobody has released. Call inside `acting(actor)`."""
    if holds.is_held(row.pk, row.run_id):
        raise HeldAsOutlier


def _news(run_id: UUID, odd: Sequence[Odd]) -> list[Odd]:
    """Return the new reasons to hold an import: none if it is held already. Batches come one at a time."""
    rows = Hold.objects.filter(subject_id=run_id, kind=HoldKind.IMPORT)
    if rows.exclude(decision__accepted=True).exists():
        return []
    seen = {code for row in rows for code in row.codes.split()} & OF_SIZE
    return [one for one in odd if one.code not in seen]


def _looks(given: Sequence[HashValue], kind: str) -> list[PdqNumber]:
    return [PdqNumber(int(one.value, 16), one.quality or 0) for one in given if one.kind == kind]


def _worst(entries: Sequence[tuple[UUID, Sequence[HashValue]]], wholes: Sequence[PdqNumber]) -> list[Odd]:
    """The hash of a batch, of a whole or a window, that looks made up most; and the first that has too many windows."""
    parts = [(sum(g.kind == "pdq" for g in given), _looks(given, validation.WINDOW)) for _id, given in entries]
    looks = [*wholes, *(one for _wholes, mine in parts for one in mine)]
    found = anomalies.of_one(sorted(looks, key=lambda one: -one.off)[:1], 0)
    return found + next((odd for many, mine in parts if (odd := anomalies.of_parts(many, len(mine)))), [])


def _crowded(entries: Sequence[tuple[UUID, Sequence[HashValue]]]) -> list[Odd]:
    """Whether one of a batch is as good as identical to many others, of the batch or before."""
    mine: dict[int, set[UUID]] = {}
    for entry, given in entries:
        for g in given:
            if (sketch := blind_index.sketch_of(g)) is not None:
                mine.setdefault(sketch, set()).add(entry)
    if not mine:
        return []
    counted = _most_shared(mine)
    if counted < anomalies.CROWD:
        return []
    return [Odd(HoldReason.CROWDED, {"count": counted})]


def _most_shared(mine: dict[int, set[UUID]]) -> int:
    """The most indicators that share one of these sketches, less the one itself. Call inside `acting(actor)`."""
    rows = IndicatorHash.objects.filter(sketch__in=list(mine)).values("sketch")
    found = rows.annotate(many=Count("indicator", distinct=True)).order_by("-many")[:1]
    return max((row["many"] - 1 for row in found), default=0)


def _so_far(run_id: UUID, profile: Profile) -> Profile:
    """The run with this batch."""
    parts = [*_profiles(ImportBatch.objects.filter(run_id=run_id)), profile]
    return _sum(parts)


def _before(actor: Actor, run_id: UUID) -> list[Profile]:
    """The organisation's earlier runs."""
    rows = ImportBatch.objects.filter(organisation_id=actor.organisation_id).exclude(run_id=run_id)
    newest = rows.order_by("-created_at")[: REMEMBERED * 10]
    runs: dict[UUID, list[Profile]] = {}
    for row in newest:
        runs.setdefault(row.run_id, []).extend(_profiles([row]))
    return [_sum(parts) for parts in list(runs.values())[:REMEMBERED]]


def _profiles(rows: Iterable[ImportBatch]) -> list[Profile]:
    return [Profile(row.accepted, row.bare, row.looks, row.quality) for row in rows]


def _sum(parts: Sequence[Profile]) -> Profile:
    looks = sum(one.looks for one in parts)
    quality = sum(one.quality * one.looks for one in parts) // looks if looks else 0
    return Profile(sum(one.entries for one in parts), sum(one.bare for one in parts), looks, quality)
