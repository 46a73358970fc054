"""Content of a release and removals since: entries built from rows, some or all, with their values.

Each hash was validated when proposed (`validation.checked`, `video_frames.passed`). Every release verifies that it is
the certified hash (`verification`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, FilteredRelation, Q

from tutela.exchange.register.video_frames import Film
from tutela.indicators.hashes import encryption, sealed_values, validation, video_frames
from tutela.indicators.integrity import verification
from tutela.indicators.integrity.verification import Trust
from tutela.indicators.models import Activation, IndicatorFilm, IndicatorHash, IndicatorNow
from tutela.matching.files.records import VIDEO, HashRecord, ListEntry
from tutela.matching.index.structure_hash import NO_STRUCTURE

ENTRIES_AT_ONCE = 5000
# Between reading what is active and the release's own time.
_MADE_WITHIN = timedelta(hours=1)
_ENDED = """
SELECT indicator_id FROM indicators_revocation WHERE created_at > %s
UNION SELECT indicator_id FROM indicators_suspension WHERE created_at > %s"""
_ACTIVE = """
SELECT coalesce(string_agg(uuid_send(indicator_id), ''::bytea ORDER BY indicator_id), ''::bytea)
FROM indicators_indicatornow WHERE state = 'active'"""


@dataclass
class ActiveEntries:
    """Entries and the values of their hashes under one key.

    `lacking` are hashes and films without a value. Values without the node's seal are also lacking (`sealed_values`);
    `forged` counts them. `unsound` entries were left out because their certifications are invalid.
    """

    entries: list[ListEntry] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    # A hash, its kind, its bytes.
    lacking: list[tuple[UUID, str, bytes]] = field(default_factory=list)
    films: list[IndicatorFilm] = field(default_factory=list)
    unsound: list[UUID] = field(default_factory=list)
    forged: int = 0

    def owe(self, found: ActiveEntries) -> None:
        """Take over what another part lacks, and what is wrong with it."""
        self.lacking += found.lacking
        self.films += found.films
        self.unsound += found.unsound
        self.forged += found.forged


def ended_since(made: datetime) -> set[UUID]:
    """Return indicators that ended after a list was made, or shortly before, even if active again.

    Reads rows that cannot be withdrawn.
    """
    about = made - _MADE_WITHIN
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [about, about])
        return {row[0] for row in cursor.fetchall()}


def removed_since(made: datetime) -> list[UUID]:
    """Indicators that may be in a release made at this time and are not active now.

    They were active when it was made, or shortly before; what ended earlier is in no release that is still announced.
    """
    ended = ended_since(made)
    was = Activation.objects.filter(indicator__in=ended, created_at__lte=made).values_list("indicator_id", flat=True)
    return sorted(set(was) - active_of(ended))


def active_bytes() -> bytes:
    """The ids of everything that is active, 16 bytes each, in their order. Call inside `acting(centre)`."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVE)
        return bytes(cursor.fetchone()[0])


def active_ids() -> list[UUID]:
    """Everything that is active, ascending. Call inside `acting(centre)`."""
    rows = IndicatorNow.objects.filter(state="active").values_list("indicator_id", flat=True)
    return sorted(rows.iterator(chunk_size=100_000))


def active_of(ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these indicators that are active. Call inside `acting(centre)`."""
    found = set[UUID]()
    for some in batched(ids, ENTRIES_AT_ONCE):
        rows = IndicatorNow.objects.filter(indicator_id__in=some, state="active")
        found |= set(rows.values_list("indicator_id", flat=True))
    return found


def items_of(ids: Collection[UUID]) -> dict[UUID, set[tuple[str, str]]]:
    """Indicators' hashes as a list has them: kind and hex, a part's and a frame's being a `pdq` like any other."""
    found = {one: set[tuple[str, str]]() for one in ids}
    for row in IndicatorHash.objects.filter(indicator__in=ids).exclude(kind=validation.FRAMES):
        found[row.indicator_id].add(encryption.plain(row))
    for film in IndicatorFilm.objects.filter(indicator__in=ids):
        found[film.indicator_id] |= {("pdq", one.pdq.hex()) for one in video_frames.opened(film).frames}
    return found


def parts(ids: Iterable[UUID], key: str, now: Trust | None = None) -> Iterator[ActiveEntries]:
    """Yield these indicators as list entries, some thousands at a time. Call inside `acting(centre)`.

    With `now`, only those with enough valid certifications (`verification`).
    """
    for some in batched(ids, ENTRIES_AT_ONCE):
        yield _found(some, key, now)


def _found(ids: Sequence[UUID], key: str, now: Trust | None) -> ActiveEntries:
    rows = [(*row[:3], encryption.raw(row[3]), *row[4:]) for row in _hash_rows(ids, key)]
    of_films = [(row, video_frames.opened(row)) for row in _film_rows(ids, key)]
    good = _sound(ids, rows, of_films, now) if now else set(ids)
    made, entries = ActiveEntries(unsound=sorted(set(ids) - good)), dict[UUID, ListEntry]()
    for pk, indicator, kind, raw, quality, value, seal in rows:
        if indicator not in good:
            continue
        entry = entries.setdefault(indicator, ListEntry(indicator, 0))
        if kind == validation.FRAMES:
            continue
        if sealed_values.holds(key, kind, raw, value, seal):
            made.values.append(bytes(value))
        else:
            made.lacking.append((pk, kind, raw))
            made.forged += bool(seal)
        if kind in validation.LOOKS:
            structure = raw[validation.LOOK_BYTES :] or NO_STRUCTURE
            entry.pdq.append(
                HashRecord(raw[: validation.LOOK_BYTES], quality or 0, structure, kind == validation.WINDOW)
            )
        else:
            entry.digests.setdefault(kind, []).append(raw)
    for film, opened in of_films:
        if film.indicator_id not in good:
            continue
        entry = entries[film.indicator_id]
        entry.flags = VIDEO
        entry.pdq += [HashRecord(one.pdq, one.quality, one.structure) for one in opened.frames]
        if sealed_values.film_holds(key, opened, film.valued, film.value_seal):
            made.values += video_frames.parted(bytes(film.valued))
        else:
            made.films.append(film)
            made.forged += bool(film.value_seal)
    made.entries = [entry for entry in entries.values() if not entry.empty]
    return made


def _sound(
    ids: Sequence[UUID], rows: Iterable[tuple[Any, ...]], of_films: Iterable[tuple[IndicatorFilm, Film]], now: Trust
) -> set[UUID]:
    """Return the indicators whose hashes are those that certifiers signed. Frames of a video are compared by their
    name.
    """
    said = defaultdict[UUID, list[tuple[str, bytes, int | None]]](list)
    for _pk, indicator, kind, raw, quality, _value, _seal in rows:
        said[indicator].append((kind, raw, quality))
    good = verification.verified_ids({one: verification.content(said[one]) for one in ids}, now)
    for film, opened in of_films:
        named = [raw.hex() for kind, raw, _quality in said[film.indicator_id] if kind == validation.FRAMES]
        if named != [opened.name]:
            good.discard(film.indicator_id)
    return good


def _hash_rows(ids: Sequence[UUID], key: str) -> Iterator[tuple[Any, ...]]:
    kept = FilteredRelation("values", condition=Q(values__key_id=key))
    rows = IndicatorHash.objects.filter(indicator_id__in=ids).annotate(kept=kept)
    columns = ("id", "indicator_id", "kind", "wrapped", "quality", "kept__value", "kept__seal")
    yield from rows.values_list(*columns).iterator(chunk_size=4 * ENTRIES_AT_ONCE)


def _film_rows(ids: Sequence[UUID], key: str) -> Iterator[Any]:
    """Films, each with the values that lie there and their seal."""
    kept = FilteredRelation("values", condition=Q(values__key_id=key))
    rows = IndicatorFilm.objects.filter(indicator_id__in=ids).annotate(kept=kept)
    yield from rows.annotate(valued=F("kept__values"), value_seal=F("kept__seal")).iterator(chunk_size=100)
