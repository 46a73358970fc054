"""Validation and storage of video frames: judged one by one, sealed together.

1. A frame with a quality below 50, or of zeros alone, is left out, because every film has black frames.
2. A frame is also left out if it, or a part of it, resembles a lawful image or one judged not to be CSAM: it would
   match those. If they are a fifth of the rest, the whole video is refused.
3. Parts of frames are judged but not used further: certifiers compare whole frames, and nothing else ties a part to its
   frame. Every listed hash is certified by two organisations.
4. At least `LEAST` of the remaining frames must be different.
5. The same whole frames are the same video: an existing video is not proposed again (`known`).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from itertools import batched
from uuid import UUID

import numpy as np
from django.db.models import Count

from tutela.events.advisory_locks import lock
from tutela.exchange.register.video_frames import Film, FilmUnreadableError, FrameLook, packed, unpacked
from tutela.indicators.hashes import blind_index, encryption, lawful_reference
from tutela.indicators.hashes.builtin_reference import resembling
from tutela.indicators.hashes.errors import KnownItem, MostlyJudged, MostlyLawful, TooFewFrames
from tutela.indicators.models import Dispute, FilmSketch, Ground, IndicatorFilm, IndicatorHash
from tutela.matching.files.records import MAX_DISTANCE, MIN_QUALITY
from tutela.matching.index.structure_hash import NO_STRUCTURE
from tutela.matching.video.similarity import SEGMENT_FRAMES
from tutela.organisations.keys.envelope_encryption import CannotUnwrap, unwrap, wrap
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.vrf import VALUE_BYTES

PURPOSE = "indicator-film"
# Fewer different frames never make a segment; a short clip is hashed several times a second.
LEAST = SEGMENT_FRAMES
# Four fifths of a video are enough for a match: copies of a lawful one that is a fifth of this would come near.
LAWFUL_SHARE = 0.2
# So many are kept of a film; of two copies that share a quarter of their sketches sixteen agree.
SKETCHES = 64
# So many of those that share most sketches are opened and compared.
_MOST_ALIKE = 20
_ZERO = bytes(32)
# So many hashes are compared with every frame in one step: tens of megabytes.
_AT_ONCE = 32


@dataclass(frozen=True)
class Passed:
    """Frames of a video that passed the checks, and counts of the others. `parts` are parts of frames, for these checks
    alone.
    """

    film: Film
    told: int
    flat: int = 0
    lawful: int = 0
    judged: int = 0
    parts: tuple[FrameLook, ...] = ()

    @property
    def usable(self) -> int:
        """The number of different frames left."""
        return len({one.pdq for one in self.film.frames})


def passed(film: Film) -> Passed:
    """The gate, but for what was judged before. Raises `TooFewFrames`, `MostlyLawful`."""
    shows = [one for one in film.looks if one.quality >= MIN_QUALITY and one.pdq != _ZERO]
    near = resembling(sorted({one.pdq for one in shows}))
    lawful = {one.number for one in shows if one.pdq in near}
    told, frames = _numbers(film.looks), lawful | _numbers(one for one in shows if not one.part)
    left = Passed(replace(film, looks=tuple(shows)), len(told), len(told - frames), lawful=len(lawful))
    return _enough(_without(left, (told - frames) | lawful), len(frames))


def unjudged(found: Passed) -> Passed:
    """Rule 2 for lawful pictures that were loaded (`lawful_reference`), and what was revoked as not CSAM and nobody
    cleared.

    Pictures and videos. Raises as `passed`.

    Call inside `acting(actor)`. A video that was judged is found by the sketches that are kept of it; so a few frames
    of a long one may pass.
    """
    near = lawful_reference.near(one.pdq for one in (*found.film.looks, *found.parts))
    lawful = {one.number for one in (*found.film.looks, *found.parts) if one.pdq in near}
    if lawful:
        found = _enough(_without(replace(found, lawful=found.lawful + len(lawful)), lawful), found.told - found.flat)
    looks, about = (*found.film.looks, *found.parts), Dispute.objects.filter(ground=Ground.NOT_CSAM)
    known = {"sketch__in": list({blind_index.sketch(one.pdq.hex()) for one in looks})}
    of = about.filter(decision__upheld=True, indicator__clearing=None).values("indicator")
    rows = IndicatorHash.objects.filter(**known, indicator__in=of, indicator__revocation__isnull=False)
    wrong = {bytes.fromhex(encryption.plain(row)[1]) for row in rows}
    alike = FilmSketch.objects.filter(**known, film__indicator__in=of, film__indicator__revocation__isnull=False)
    for film in IndicatorFilm.objects.filter(pk__in=alike.values("film")).iterator(chunk_size=10):
        wrong |= {one.pdq for one in opened(film).frames}
    judged = _numbers_near(looks, wrong)
    return _enough(_without(replace(found, judged=len(judged)), judged), found.told - found.flat) if judged else found


def whole(film: Film) -> str:
    """Return the digest that identifies a film's whole frames. Parts and structure are ignored, because another hasher
    gives none.
    """
    return hashlib.sha256(b"".join(sorted({one.pdq for one in film.frames}))).hexdigest()


def known(film: Film) -> str:
    """Return the number of an unrevoked indicator with the same whole frames, or empty.

    Two films are the same if one has all frames of the other and at most a fifth more. Validation may remove that many
    frames from one film and keep them in the other. The result depends on its knowledge at that time and on the parts
    and qualities given.

    Call inside `acting(actor)`.
    """
    mine, wanted = {one.pdq for one in film.frames}, sketches(film)
    rows = FilmSketch.objects.filter(sketch__in=wanted, film__indicator__revocation__isnull=True)
    shared = rows.values("film").annotate(n=Count("pk")).filter(n__gte=len(wanted) // 2).order_by("-n", "film")
    nearest = [one["film"] for one in shared[:_MOST_ALIKE]]
    for one in IndicatorFilm.objects.filter(pk__in=nearest).select_related("indicator").order_by("pk"):
        theirs = {look.pdq for look in opened(one).frames}
        few, many = sorted((mine, theirs), key=len)
        if few <= many and len(many - few) <= LAWFUL_SHARE * len(many):
            return str(one.indicator.number)
    return ""


def refuse_known(film: Film) -> None:
    """Nobody else proposes these frames meanwhile. Raises `KnownItem`. Call inside `acting(actor)`."""
    lock(f"frames:{whole(film)}")
    if number := known(film):
        raise KnownItem(
            "{number} already has these frames. Certify that indicator instead.", field="frames", number=number
        )


def row(organisation: UUID, indicator: UUID, found: Passed) -> IndicatorFilm:
    """Return the database row of a video's frames."""
    return IndicatorFilm(
        organisation_id=organisation,
        indicator_id=indicator,
        sealed=sealed(found.film),
        seconds=found.film.seconds,
        told=found.told,
        flat=found.flat,
        lawful=found.lawful,
        judged=found.judged,
        usable=found.usable,
        hasher=found.film.hasher[:40],
    )


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
    return sorted({blind_index.sketch(one.pdq.hex()) for one in film.frames})[:SKETCHES]


def sealed(film: Film) -> bytes:
    """The looks, encrypted as one."""
    return wrap(packed(film.looks), PURPOSE)


def opened(film: IndicatorFilm) -> Film:
    """Decrypt a film for authorised readers. Raises `CannotUnwrap`."""
    try:
        return Film(unpacked(unwrap(bytes(film.sealed), PURPOSE)), film.seconds, film.hasher)
    except FilmUnreadableError:
        raise CannotUnwrap from None


def listed(film: Film) -> list[tuple[str, int, str, bool]]:
    """The whole frames as a list takes them: hash, quality, structure, whether it is of a part."""
    return [
        (one.pdq.hex(), one.quality, "" if one.structure == NO_STRUCTURE else one.structure.hex(), False)
        for one in film.frames
    ]


def values(film: Film, value: Callable[[bytes], bytes]) -> bytes:
    """Return the values of a film's frames in a certified set, concatenated; `value` computes the value of an item."""
    looks = sorted({one.pdq for one in film.frames})
    return b"".join(value(item_bytes("pdq", one.hex())) for one in looks)


def parted(kept: bytes) -> list[bytes]:
    """The values that `values` put together."""
    return [kept[at : at + VALUE_BYTES] for at in range(0, len(kept), VALUE_BYTES)]


def _numbers(looks: Iterable[FrameLook]) -> set[int]:
    return {one.number for one in looks}


def _without(found: Passed, numbers: set[int]) -> Passed:
    """Return the result without these frames, and with all parts set aside."""
    looks = [one for one in (*found.film.looks, *found.parts) if one.number not in numbers]
    whole, parts = (tuple(one for one in looks if one.part is part) for part in (False, True))
    return replace(found, film=replace(found.film, looks=whole), parts=parts)


def _numbers_near(looks: Sequence[FrameLook], wrong: Set[bytes]) -> set[int]:
    """Return frames that have a hash near one of these; frames already found are skipped."""
    left, near = np.array([[*_words(one.pdq), one.number] for one in looks], np.uint64), set[int]()
    for few in batched(sorted(wrong), _AT_ONCE):
        apart = np.bitwise_count(left[:, None, :4] ^ np.array([_words(one) for one in few], np.uint64)).sum(axis=2)
        near |= {int(number) for number in left[(apart <= MAX_DISTANCE).any(axis=1), 4]}
        left = left[~np.isin(left[:, 4], list(near))]
    return near


def _words(pdq: bytes) -> tuple[int, ...]:
    return struct.unpack(">4Q", pdq)


def _enough(found: Passed, shown: int) -> Passed:
    """Rules 2 and 4; `shown` frames show something."""
    if shown and found.lawful >= LAWFUL_SHARE * shown:
        raise MostlyLawful(count=found.lawful, shown=shown)
    if shown and found.lawful + found.judged >= LAWFUL_SHARE * shown:
        raise MostlyJudged(count=found.lawful + found.judged, shown=shown)
    if found.usable < LEAST:
        raise TooFewFrames(least=LEAST, usable=found.usable, told=found.told)
    return found
