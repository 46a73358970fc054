"""The frames of a video at the gate and at rest: judged one by one, sealed as one.

1. A frame of a quality below 50, or of zeros alone, is left out: there is black in every film.
2. So is a frame that a lawful picture resembles, or one that was judged not to be CSAM: it would match those. Where
   they are a fifth of what is left, the whole is refused.
3. Of what is left at least `LEAST` frames are different.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from tutela.exchange.films import Film, FilmUnreadableError, Look, packed, unpacked
from tutela.indicators import hashes
from tutela.indicators.errors import MostlyLawful, TooFewFrames
from tutela.indicators.lawful import resembled
from tutela.indicators.models import Dispute, FilmSketch, Ground, IndicatorFilm, IndicatorHash
from tutela.matching.records import MAX_DISTANCE, MIN_QUALITY
from tutela.matching.structures import NO_STRUCTURE
from tutela.matching.video import SEGMENT_FRAMES
from tutela.organisations.sealing import CannotUnwrap, unwrap, wrap

PURPOSE = "indicator-film"
# Fewer different frames never make a segment; a short clip is hashed several times a second.
LEAST = SEGMENT_FRAMES
# Four fifths of a video are enough for a match: copies of a lawful one that is a fifth of this would come near.
LAWFUL_SHARE = 0.2
# So many are kept of a film; of two copies that share a quarter of their sketches sixteen agree.
SKETCHES = 64
_ZERO = bytes(32)


@dataclass(frozen=True)
class Passed:
    """What passed of a film, and how many frames did not."""

    film: Film
    told: int
    flat: int = 0
    lawful: int = 0
    judged: int = 0

    @property
    def usable(self) -> int:
        """How many different frames are left."""
        return len({one.pdq for one in self.film.frames})


def passed(film: Film) -> Passed:
    """The gate, but for what was judged before. Raises `TooFewFrames`, `MostlyLawful`."""
    shows = [one for one in film.looks if one.quality >= MIN_QUALITY and one.pdq != _ZERO]
    lawful = {one.pdq for one in shows if resembled("pdq", one.pdq.hex())}
    clean = [one for one in shows if one.pdq not in lawful]
    told, frames = len(_whole(film.looks)), len(_whole(shows))
    left = Passed(replace(film, looks=tuple(clean)), told, told - frames)
    return _enough(replace(left, lawful=frames - len(_whole(clean))), frames)


def unjudged(found: Passed) -> Passed:
    """Rule 2 for what was revoked as not CSAM. Call inside `acting(actor)`. Raises as `passed`."""
    sketches = {hashes.sketch(one.pdq.hex()): one for one in found.film.looks}
    about = Dispute.objects.filter(ground=Ground.NOT_CSAM, decision__upheld=True).values("indicator")
    rows = IndicatorHash.objects.filter(sketch__in=list(sketches), indicator__revocation__isnull=False)
    wrong = [int(hashes.plain(row)[1], 16) for row in rows.filter(indicator__in=about)]
    if not wrong:
        return found
    kept = [one for one in found.film.looks if not _near(one, wrong)]
    judged = len(_whole(found.film.looks)) - len(_whole(kept))
    left = replace(found, film=replace(found.film, looks=tuple(kept)), judged=judged)
    return _enough(left, found.told - found.flat)


def row(organisation: UUID, indicator: UUID, found: Passed) -> IndicatorFilm:
    """As it lies in the database."""
    return IndicatorFilm(
        organisation_id=organisation, indicator_id=indicator, sealed=sealed(found.film), seconds=found.film.seconds,
        told=found.told, flat=found.flat, lawful=found.lawful, judged=found.judged, usable=found.usable,
        hasher=found.film.hasher[:40],
    )  # fmt: skip


def keep(rows: Sequence[tuple[UUID, UUID, Passed]]) -> None:
    """Write the frames of indicators, (organisation, indicator, what passed), and what finds films alike.

    Call inside `acting(actor)`.
    """
    made = [(row(owner, indicator, found), found) for owner, indicator, found in rows]
    IndicatorFilm.objects.bulk_create([one for one, _found in made])
    FilmSketch.objects.bulk_create(
        FilmSketch(organisation_id=one.organisation_id, film=one, sketch=sketch)
        for one, found in made
        for sketch in sketches(found.film)
    )


def sketches(film: Film) -> list[int]:
    """The sketches by which a film is found: the smallest of all its whole frames."""
    return sorted({hashes.sketch(one.pdq.hex()) for one in film.frames})[:SKETCHES]


def sealed(film: Film) -> bytes:
    """The looks, encrypted as one."""
    return wrap(packed(film.looks), PURPOSE)


def opened(film: IndicatorFilm) -> Film:
    """For those who may see it. Raises `CannotUnwrap`."""
    try:
        return Film(unpacked(unwrap(bytes(film.sealed), PURPOSE)), film.seconds, film.hasher)
    except FilmUnreadableError:
        raise CannotUnwrap from None


def listed(film: Film) -> list[tuple[str, int, str, bool]]:
    """The looks as a list takes them: hash, quality, structure, whether it is of a part."""
    return [
        (one.pdq.hex(), one.quality, "" if one.structure == NO_STRUCTURE else one.structure.hex(), one.part)
        for one in film.looks
    ]


def _whole(looks: Iterable[Look]) -> set[int]:
    return {one.number for one in looks if not one.part}


def _near(look: Look, wrong: Sequence[int]) -> bool:
    value = int.from_bytes(look.pdq)
    return any((value ^ one).bit_count() <= MAX_DISTANCE for one in wrong)


def _enough(found: Passed, shown: int) -> Passed:
    """Rules 2 and 3; `shown` frames show something."""
    if shown and found.lawful + found.judged >= LAWFUL_SHARE * shown:
        raise MostlyLawful(count=found.lawful + found.judged, shown=shown)
    if found.usable < LEAST:
        raise TooFewFrames(least=LEAST, usable=found.usable, told=found.told)
    return found
