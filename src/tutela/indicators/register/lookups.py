"""Lookups by other desks: the state of an indicator, and its relation to an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from tutela.indicators.hashes import blind_index, encryption, validation, video_frames
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.models import IndicatorFilm, IndicatorHash
from tutela.matching.files.records import MIN_QUALITY
from tutela.matching.index.hamming_index import HammingIndex
from tutela.matching.video.similarity import SEGMENT_FRAMES

# The register's own rule for a candidate: near enough, of two pictures that are not flat.
NEAR = 31
# MD5 can be forged.
STRONG = ("sha256", "sha1")


@dataclass(frozen=True)
class LookupResult:
    """State of an existing indicator, and its match with an item by digest or near hash.

    `exact`: the indicator has a digest that cannot be forged. `series`: the code of the series of its item.
    """

    state: str
    carries: bool
    exact: bool
    series: str = ""


@dataclass(frozen=True)
class Claimed:
    """A digest of an item: its kind, lower-case hex, and for a perceptual one its quality."""

    kind: str
    value: str
    quality: int = 100


def look_up_all(claims: Sequence[Mapping[UUID, Sequence[Claimed]]]) -> list[dict[UUID, LookupResult]]:
    """Return for each item the existing entries, compared with the digests claimed of them. Runs two queries.

    Call inside `acting(actor)`.
    """
    wanted = sorted({entry for one in claims for entry in one})
    if not wanted:
        return [{} for _ in claims]
    known = with_state().filter(pk__in=wanted).values_list("pk", "state", "series")
    states = {pk: (state, series) for pk, state, series in known}
    rows: dict[UUID, list[IndicatorHash]] = {entry: [] for entry in states}
    for row in IndicatorHash.objects.filter(indicator__in=list(states)):
        rows[row.indicator_id].append(row)
    return [
        {entry: _found(*states[entry], rows[entry], said) for entry, said in one.items() if entry in states}
        for one in claims
    ]


def _found(state: str, series: str, rows: list[IndicatorHash], claimed: Sequence[Claimed]) -> LookupResult:
    strong = {bytes(row.blind) for row in rows if row.kind in STRONG}
    exact = any(blind_index.blind(one.kind, one.value) in strong for one in claimed if one.kind in STRONG)
    return LookupResult(state, exact or _carries(rows, claimed), exact, series)


def _carries(rows: list[IndicatorHash], claimed: Sequence[Claimed]) -> bool:
    exact = {bytes(row.blind) for row in rows if row.kind != "pdq"}
    if any(blind_index.blind(one.kind, one.value) in exact for one in claimed if one.kind != "pdq"):
        return True
    near = [one for one in claimed if one.kind == "pdq" and one.quality >= MIN_QUALITY]
    listed = [int(encryption.plain(row)[1], 16) for row in rows if row.kind == "pdq"] if near else []
    if any((int(one.value, 16) ^ value).bit_count() <= NEAR for one in near for value in listed):
        return True
    moves = near and any(row.kind == validation.FRAMES for row in rows)
    return bool(moves) and _shares_frames(rows[0].indicator_id, sorted({one.value for one in near}))


def _shares_frames(indicator: UUID, claimed: Sequence[str]) -> bool:
    """Whether the indicator's video has enough of the claimed frames: a segment. For a picture, or with fewer frames,
    all of them.
    """
    film = IndicatorFilm.objects.filter(indicator=indicator).first()
    if film is None:
        return False
    looks = sorted({one.pdq for one in video_frames.opened(film).frames})
    known = HammingIndex(np.frombuffer(b"".join(looks), np.uint8).reshape(-1, 32))
    asked = np.frombuffer(bytes.fromhex("".join(claimed)), np.uint8).reshape(-1, 32)
    agree = int(np.count_nonzero(np.diff(known.query(asked, NEAR).offsets)))
    return agree >= min(SEGMENT_FRAMES, len(claimed))
