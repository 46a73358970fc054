"""Proof of possession: a certifier must give the file's digest, or enough matching frames.

An imported indicator without frames also needs a digest of the same file, in every way of certifying. An indicator
without a file digest needs a PDQ hash of the certifier's own copy.

An organisation with another copy should find the existing indicator instead of proposing the video again: `alike` shows
it.

A certification covers every frame of the indicator. Another copy must therefore contain four fifths of the listed
frames, in whole frames, and five different ones in a row; one scene is not enough.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.register.video_frames import Film
from tutela.indicators.hashes import blind_index, encryption, hash_lines, validation, video_frames
from tutela.indicators.hashes.errors import LineNotRead
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import Basis, FilmSketch, Indicator, IndicatorFilm, IndicatorHash, VideoShown
from tutela.indicators.register.errors import NotTheSameItem, NotTheSameVideo, ShowTheDigest, ShowTheVideo
from tutela.matching.files.records import MAX_DISTANCE, VIDEO, Record
from tutela.matching.files.snapshot import Snapshot
from tutela.matching.files.snapshot_writer import snapshot_bytes
from tutela.matching.lists.match_list import Match, MatchList
from tutela.matching.video.similarity import SEGMENT_FRAMES
from tutela.media.results import FrameHash

_DIGITS = {validation.HEX[kind]: kind for kind in ("md5", "sha1", "sha256")}
_HEX = re.compile("[0-9a-f]+")
_STRONG, _OLD = ("sha256",), ("sha1", "md5")
LISTED_PERCENT = 80
MOST_ALIKE = 5
# Two encodings of a film share two thirds of their sketches; opening titles that many films have are fewer.
ALIKE_SHARE = 0.25


@dataclass(frozen=True)
class PossessionProof:
    """Proof from a certifier's own copy: digests and PDQ hashes, and the frames if it hashed them."""

    given: Sequence[HashValue] = ()
    film: Film | None = None
    # Shown when a second person was asked to agree, and compared then (`second_person`).
    before: bool = False


def said(text: str) -> PossessionProof | None:
    """Read a pasted or uploaded proof: a line of `tutela hash`, a vPDQ hash, or digests; None if empty.

    Raises `LineNotRead`, `FramesNotRead`.
    """
    plain = text.strip()
    if plain[:1] not in ("{", "[") and "," not in plain:
        digests = plain.lower().split()
        if any(len(one) not in _DIGITS or not _HEX.fullmatch(one) for one in digests[:4]) or len(digests) > 3:
            raise LineNotRead
        return PossessionProof([HashValue(_DIGITS[len(one)], one) for one in digests]) if digests else None
    line = hash_lines.read_any(plain)
    return PossessionProof(line.given, line.film)


def film_of(indicator: UUID) -> IndicatorFilm | None:
    """Return the frames of an indicator, None if it has none; they never change. Call inside `acting(actor)`."""
    return IndicatorFilm.objects.filter(indicator=indicator).first()


def video_view(actor: Actor, known: IndicatorFilm, held: PossessionProof | None) -> VideoShown:
    """Compare a proof with the video; the result is not saved yet. Not inside a transaction: two films of hours take
    seconds.

    Raises `ShowTheVideo` without a proof, `NotTheSameVideo`.
    """
    if held is None or not (held.given or held.film):
        raise ShowTheVideo
    with acting(actor):
        same = _same_file(known.indicator_id, held.given)
    if same:
        return VideoShown(basis=Basis.DIGEST)
    if held.film is None:
        raise NotTheSameVideo("None of these digests belongs to this video. Enter the line of `tutela hash` instead.")
    match = compared(video_frames.opened(known), held.film)
    own, listed, run = _percent(match)
    if match is None or listed < LISTED_PERCENT or run < SEGMENT_FRAMES:
        raise NotTheSameVideo(listed=listed, run=run, least=LISTED_PERCENT, frames=SEGMENT_FRAMES)
    return VideoShown(basis=Basis.FRAMES, own_percent=own, listed_percent=listed, run=run)


def of_imported(row: Indicator, held: PossessionProof | None) -> None:
    """Refuse to certify an imported indicator without proof of possession. Call inside `acting(actor)`.

    Raises `ShowTheDigest` if nothing was given, `NotTheSameItem`.
    """
    if row.run_id is None or (held is not None and held.before):
        return
    if held is None or not held.given:
        raise ShowTheDigest
    rows = IndicatorHash.objects.filter(indicator=row)
    if rows.filter(kind__in=(*_STRONG, *_OLD)).exists():
        same = _same_file(row.pk, held.given)
    else:
        same = _near(list(rows.filter(kind="pdq")), held.given)
    if not same:
        raise NotTheSameItem


def compared(listed: Film, own: Film) -> Match | None:
    """Return how much of a listed video another one contains, compared as on an Edge; None if nothing matches."""
    entry = Record("00000000-0000-0000-0000-000000000000", pdq=video_frames.listed(listed), flags=VIDEO)
    data, _ = snapshot_bytes([entry])
    known = MatchList.load(Snapshot(data), list_id="one", version=1)
    frames = [
        FrameHash(one.number, one.pdq, one.quality, (one.pdq,), (one.structure,), time_ms=one.time_ms)
        for one in own.frames
    ]
    return next(iter(known.match(None, frames)), None)


@dataclass(frozen=True)
class Alike:
    """Another indicator that seems to show the same video: `shared` of its `kept` sketches are this one's too."""

    id: UUID
    number: str
    shared: int
    kept: int


def alike(row: Indicator) -> list[Alike]:
    """Return unrevoked indicators that share sketches with this one, nearest first.

    A quarter of the smaller set of sketches must be shared. Frames are not compared, so a copy with other frames or
    many changes may be missed. The certifier sees what its own copy matches. Call inside `acting(actor)`.
    """
    own = list(FilmSketch.objects.filter(film__indicator=row).values_list("sketch", flat=True))
    shared = FilmSketch.objects.filter(sketch__in=own, film__indicator__revocation__isnull=True)
    counted = shared.exclude(film__indicator=row).values("film").annotate(many=Count("pk")).order_by("-many", "film")
    many = {one["film"]: one["many"] for one in counted[:MOST_ALIKE]}
    others = IndicatorFilm.objects.filter(pk__in=many).select_related("indicator").annotate(kept=Count("sketches"))
    found = [Alike(one.indicator_id, one.indicator.number, many[one.pk], one.kept) for one in others]
    near = [one for one in found if one.shared >= ALIKE_SHARE * min(one.kept, len(own))]
    return sorted(near, key=lambda one: (-one.shared, one.number))


def _same_file(indicator: UUID, given: Sequence[HashValue]) -> bool:
    """An old digest can be forged, and counts where the indicator has no other. Call inside `acting(actor)`."""
    rows = IndicatorHash.objects.filter(indicator=indicator)
    kinds = _STRONG if rows.filter(kind__in=_STRONG).exists() else _OLD
    wanted = [blind_index.blind(one.kind, one.value.lower()) for one in given if one.kind in kinds]
    return rows.filter(kind__in=kinds, blind__in=wanted).exists()


def _near(rows: Sequence[IndicatorHash], given: Sequence[HashValue]) -> bool:
    """Whether a PDQ hash of the whole is as near to one that is listed as a match."""
    own = [int(one.value, 16) for one in given if one.kind == "pdq" and one.covers == 1]
    listed = [int(encryption.plain(row)[1], 16) for row in rows]
    return any((one ^ other).bit_count() <= MAX_DISTANCE for one in own for other in listed)


def _percent(match: Match | None) -> tuple[int, int, int]:
    if match is None or match.footage is None:
        return 0, 0, 0
    found = match.footage
    return math.floor(found.query_percent), math.floor(found.compared_percent or 0), found.run
