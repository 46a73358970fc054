"""That a certifier holds the video: by a digest of the same file, or by its own frames where it has another copy.

Whoever has another copy should find the entry first, and not propose the video a second time: `alike` shows it.

Whoever certifies stands behind every frame of the entry. So another copy must hold four fifths of the listed frames, in
whole frames, and five different ones on end; a scene of it is not enough.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from tutela.exchange.films import Film
from tutela.indicators import films, hash_line, hashes
from tutela.indicators.errors import LineNotRead, NotTheSameVideo, ShowTheVideo
from tutela.indicators.hashes import Given
from tutela.indicators.models import Basis, FilmSketch, Indicator, IndicatorFilm, IndicatorHash, VideoShown
from tutela.matching.library import Match, MatchList
from tutela.matching.records import VIDEO, Record
from tutela.matching.snapshot import Snapshot
from tutela.matching.video import SEGMENT_FRAMES
from tutela.matching.writing import snapshot_bytes
from tutela.media.results import FrameHash

_DIGITS = {hashes.HEX[kind]: kind for kind in ("md5", "sha1", "sha256")}
_HEX = re.compile("[0-9a-f]+")
_STRONG, _OLD = ("sha256",), ("sha1", "md5")
LISTED_PERCENT = 80
MOST_ALIKE = 5


@dataclass(frozen=True)
class Held:
    """What a certifier has of its own copy: digests, and the frames where it hashed it."""

    given: Sequence[Given] = ()
    film: Film | None = None


def said(text: str) -> Held | None:
    """What somebody pasted or uploaded: a line of `tutela hash`, a vPDQ hash, or digests; None for nothing.

    Raises `LineNotRead`, `FramesNotRead`.
    """
    plain = text.strip()
    if plain[:1] not in ("{", "[") and "," not in plain:
        digests = plain.lower().split()
        if any(len(one) not in _DIGITS or not _HEX.fullmatch(one) for one in digests[:4]) or len(digests) > 3:
            raise LineNotRead
        return Held([Given(_DIGITS[len(one)], one) for one in digests]) if digests else None
    line = hash_line.read_any(plain)
    return Held(line.given, line.film)


def of(row: Indicator, held: Held | None) -> VideoShown | None:
    """What was shown, not saved yet; None where the indicator has no frames. Call inside `acting(actor)`.

    Raises `ShowTheVideo` where nothing was, `NotTheSameVideo`.
    """
    known = IndicatorFilm.objects.filter(indicator=row).first()
    if known is None:
        return None
    if held is None or not (held.given or held.film):
        raise ShowTheVideo
    if _same_file(row, held.given):
        return VideoShown(basis=Basis.DIGEST)
    if held.film is None:
        raise NotTheSameVideo("None of these digests is one of this video; give the line of `tutela hash` instead.")
    match = compared(films.opened(known), held.film)
    own, listed, run = _percent(match)
    if match is None or match.by_window or listed < LISTED_PERCENT or run < SEGMENT_FRAMES:
        raise NotTheSameVideo(listed=listed, run=run, least=LISTED_PERCENT, frames=SEGMENT_FRAMES)
    return VideoShown(basis=Basis.FRAMES, own_percent=own, listed_percent=listed, run=run)


def compared(listed: Film, own: Film) -> Match | None:
    """How much of a listed video another one holds, as an Edge compares them; None where nothing agrees."""
    entry = Record("00000000-0000-0000-0000-000000000000", pdq=films.listed(listed), flags=VIDEO)
    data, _ = snapshot_bytes([entry])
    known = MatchList.load(Snapshot(data), list_id="one", version=1)
    frames = [
        FrameHash(one.number, one.pdq, one.quality, (one.pdq,), (one.structure,), time_ms=one.time_ms)
        for one in own.frames
    ]
    return next(iter(known.match(None, frames)), None)


@dataclass(frozen=True)
class Alike:
    """Another indicator with frames of the same video: percent of its frames, and of those it is compared with."""

    id: UUID
    number: str
    listed_percent: int
    own_percent: int


def alike(row: Indicator) -> list[Alike]:
    """Indicators that are not revoked and share a video with this one, the nearest first. Call inside `acting(actor)`.

    They are found by sketches of frames, so that a copy of other frames, or one that was changed much, may be missed.
    """
    film = IndicatorFilm.objects.filter(indicator=row).first()
    if film is None:
        return []
    own = films.opened(film)
    shared = FilmSketch.objects.filter(sketch__in=films.sketches(own), film__indicator__revocation__isnull=True)
    counted = shared.exclude(film=film).values("film").annotate(many=Count("pk")).order_by("-many", "film")
    found = list[Alike]()
    for one in counted[:MOST_ALIKE]:
        other = IndicatorFilm.objects.select_related("indicator").get(pk=one["film"])
        ours, listed, _run = _percent(compared(films.opened(other), own))
        if max(ours, listed) >= LISTED_PERCENT:
            found.append(Alike(other.indicator_id, other.indicator.number, listed, ours))
    return sorted(found, key=lambda one: (-min(one.listed_percent, one.own_percent), one.number))


def _same_file(row: Indicator, given: Sequence[Given]) -> bool:
    """An old digest can be forged, and counts where the indicator has no other."""
    rows = IndicatorHash.objects.filter(indicator=row)
    kinds = _STRONG if rows.filter(kind__in=_STRONG).exists() else _OLD
    wanted = [hashes.blind(one.kind, one.value.lower()) for one in given if one.kind in kinds]
    return rows.filter(kind__in=kinds, blind__in=wanted).exists()


def _percent(match: Match | None) -> tuple[int, int, int]:
    if match is None or match.footage is None:
        return 0, 0, 0
    found = match.footage
    return math.floor(found.query_percent), math.floor(found.compared_percent or 0), found.run
