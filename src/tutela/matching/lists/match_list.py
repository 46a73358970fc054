"""A list in use: all matches of an item with a list, in one answer.

A frame is looked up in all eight turned and mirrored forms that its hasher gives, and by its windows. A listed picture
is found by its own hash and by those of its parts, which belong to the entry and are removed with it. For a video,
every frame is looked up, and the matches with one entry are summed up (`similarity`). Removed entries and test entries
are never answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tutela.matching.files.drill_entries import is_test
from tutela.matching.files.lookup_keys import DigestsLike, FrameLike, Item, Question, questions
from tutela.matching.files.records import MAX_DISTANCE
from tutela.matching.files.snapshot import Snapshot
from tutela.matching.index.arrays import Ids, Neighbours
from tutela.matching.index.hamming_index import HammingIndex
from tutela.matching.index.structure_hash import alike, alike_all
from tutela.matching.lists.delta import Later
from tutela.matching.lists.rules import (
    CORROBORATING_DISTANCE,
    RESTORED_ALONE_DISTANCE,
    RULES,
    Family,
    MatchEvidence,
    Rule,
    judge,
)
from tutela.matching.video.similarity import THRESHOLDS, Footage, FrameTally, Many, ManyLooks, Reel, Thresholds

# From so many hits of one question in one entry on they are taken as arrays: below, that costs more than one by one.
MANY = 32
# So many questions are asked of the index at once: each may have as many hits as a film has frames.
ITEMS_AT_ONCE = 2048


@dataclass(frozen=True, slots=True)
class Match:
    """One entry that agrees with an item. `distance`, `variant` (0-7) and `frame` describe the strongest of the
    looks that agree.

    `by_window`: only parts agree, and a human being must look (`rules.near_window`). `footage`: the item is a video,
    and this of it agrees.
    """

    list_id: str
    list_version: int
    source: str
    entry_id: UUID
    rule: str
    families: tuple[Family, ...]
    weak: bool
    corroborated: bool
    distance: int | None = None
    variant: int | None = None
    frame: int | None = None
    by_window: bool = False
    footage: Footage | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """A listed hash near to a question. The strongest is kept: a picture as it is before a stretched one, and that
    before a restored one; a whole before a part, alike in structure, nearer.
    """

    part: bool
    distance: int
    asked: Question
    listed_quality: int
    alike: bool
    listed_part: bool = False

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, int]:
        return self.asked.restored, self.asked.stretched, self.part, not self.alike, self.distance


@dataclass(slots=True)
class _Agreement:
    digests: set[Family] = field(default_factory=set)
    look: _Look | None = None
    tally: FrameTally | None = None
    many: Many | None = None

    def consider(self, look: _Look) -> None:
        if self.look is None or look.rank < self.look.rank:
            self.look = look

    def see(self, look: _Look, value: bytes, reel: Reel | None) -> None:
        self.consider(look)
        if reel is not None and look.asked.frame in reel.hashes:
            self.tally = self.tally or FrameTally(reel)
            listed = look.listed_part
            self.tally.see(look.asked.frame, value, strict=look.alike, part=look.part, listed_part=listed)

    def evidence(self, listed: int | None, thresholds: Sequence[Thresholds]) -> MatchEvidence:
        """`listed`: how many frames the entry has if it is a video; `thresholds`: when two videos agree."""
        look = self.look
        if look is None:
            return MatchEvidence(frozenset(self.digests))
        shared = self.tally.shared(listed, thresholds) if self.tally else None
        strictly = self.tally is not None and listed is not None and self.tally.strict.frames
        looks = {Family.PDQ, Family.STRUCTURE} if look.alike or strictly else {Family.PDQ}
        families, qualities = frozenset(self.digests | looks), (look.asked.quality, look.listed_quality)
        guessed = look.asked.restored, look.asked.stretched
        by_window = shared.by_window if shared is not None and listed is not None else look.part or any(guessed)
        return MatchEvidence(
            families, look.distance, *qualities, by_window, listed is not None, shared, thresholds, *guessed
        )


@dataclass(frozen=True, slots=True)
class MatchList:
    """A snapshot ready for questions. Immutable: `without` answers a new one that shares the index."""

    list_id: str
    version: int
    source: str
    snapshot: Snapshot
    index: HammingIndex
    removed: frozenset[UUID] = frozenset()
    rules: Sequence[Rule] = RULES
    max_distance: int = MAX_DISTANCE
    thresholds: Sequence[Thresholds] = THRESHOLDS
    # What changed since the snapshot; it counts, and the snapshot for the rest.
    later: Later | None = None

    @classmethod
    def load(
        cls,
        snapshot: Snapshot,
        *,
        list_id: str,
        version: int,
        source: str = "register",
        index: HammingIndex | None = None,
    ) -> MatchList:
        """Build the index over the snapshot's hashes, in place (they ascend: a hash is named by its row).

        `index` is one built over them before, such as one out of a file bound to the snapshot's digest.
        """
        return cls(list_id, version, source, snapshot, HammingIndex(snapshot.pdq) if index is None else index)

    def without(self, removed: Iterable[UUID]) -> MatchList:
        """Return the same list without matches for `removed`, which replaces the earlier removals."""
        return replace(self, removed=frozenset(removed))

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The snapshot, and that of its changes."""
        return (self.snapshot,) if self.later is None else (self.snapshot, self.later.snapshot)

    def __len__(self) -> int:
        """The number of entries in the list, including removed ones."""
        return len(self.snapshot) if self.later is None else self.later.entries

    def match(self, digests: DigestsLike | None, frames: Sequence[FrameLike]) -> list[Match]:
        """Every entry that agrees with the item, strongest and nearest first."""
        return self.match_all([(digests, frames)])[0]

    def match_all(self, items: Sequence[Item]) -> list[list[Match]]:
        """`match` for a batch, in one pass over the index."""
        found: list[dict[int, _Agreement]] = [self._by_digest(digests) for digests, _ in items]
        self._by_look(items, found)
        answers = [self._answer(agreements) for agreements in found]
        if self.later is None:
            return answers
        changed = replace(self, snapshot=self.later.snapshot, index=self.later.index, later=None)
        pairs = zip(answers, changed.match_all(items), strict=True)
        return [sorted((*one, *other), key=_strongest_first) if other else one for one, other in pairs]

    def _by_digest(self, digests: DigestsLike | None) -> dict[int, _Agreement]:
        found: dict[int, _Agreement] = {}
        if digests is None:
            return found
        for family in (Family.SHA256, Family.SHA1, Family.MD5):
            text = getattr(digests, family.value)
            for row in self.snapshot.find(family.value, bytes.fromhex(text)) if text else ():
                found.setdefault(row, _Agreement()).digests.add(family)
        return found

    def _by_look(self, items: Sequence[Item], found: list[dict[int, _Agreement]]) -> None:
        asked = [question for number, (_, frames) in enumerate(items) for question in questions(number, frames)]
        if not asked or not len(self.snapshot.pdq):
            return
        reels = [Reel.of(frames) for _, frames in items]
        queries = np.frombuffer(b"".join(one.value for one in asked), np.uint8).reshape(-1, 32)
        for start in range(0, len(asked), ITEMS_AT_ONCE):
            few = slice(start, start + ITEMS_AT_ONCE)
            self._by_looks(asked[few], self.index.query(queries[few], self.max_distance), reels, found)

    def _by_looks(
        self,
        asked: Sequence[Question],
        near: Neighbours,
        reels: Sequence[Reel | None],
        found: Sequence[dict[int, _Agreement]],
    ) -> None:
        # Most questions are near to nothing.
        for query in np.flatnonzero(np.diff(near.offsets)).tolist():
            one, (begin, end) = asked[query], near.offsets[query : query + 2].tolist()
            places, distances = near.ids[begin:end], near.distances[begin:end]
            if one.restored:
                listed = self.snapshot.pdq_structure[places]
                # Most lists of others have no second hash; PDQ must then agree more closely.
                alone = ~listed.any(axis=1) & (distances <= RESTORED_ALONE_DISTANCE)
                agree = alone | alike_all(one.structure, listed)
                places, distances = places[agree], distances[agree]
            crowded = self._crowded(places)
            for row in crowded.tolist():
                mine = self.snapshot.pdq_rows[places] == row
                self._see_many(one, row, (places[mine], distances[mine]), found[one.item], reels[one.item])
            if len(crowded):
                left = ~np.isin(self.snapshot.pdq_rows[places], crowded)
                places, distances = places[left], distances[left]
            for place, distance in zip(places.tolist(), distances.tolist(), strict=True):
                row = int(self.snapshot.pdq_rows[place])
                agreement = found[one.item].setdefault(row, _Agreement())
                agreement.see(self._look(one, place, distance), self.snapshot.pdq[place].tobytes(), reels[one.item])

    def _crowded(self, places: Ids) -> NDArray[np.integer[Any]]:
        """The entries that have very many of these listed hashes. Of all hits few entries can be."""
        if len(places) <= MANY:
            return np.empty(0, np.int64)
        rows, hits = np.unique(self.snapshot.pdq_rows[places], return_counts=True)
        return rows[hits > MANY]

    def _see_many(
        self,
        one: Question,
        row: int,
        near: tuple[Ids, NDArray[np.uint16]],
        found: dict[int, _Agreement],
        reel: Reel | None,
    ) -> None:
        """Record the agreement of a question with an entry of which very many hashes are near."""
        snapshot, (here, apart) = self.snapshot, near
        alike = (apart <= CORROBORATING_DISTANCE) & alike_all(one.structure, snapshot.pdq_structure[here])
        listed_part = snapshot.pdq_part[here] != 0
        part = listed_part | one.part
        best = int((part * 1024 + ~alike * 512 + apart).argmin())
        look = _Look(
            bool(part[best]),
            int(apart[best]),
            one,
            int(snapshot.pdq_quality[here[best]]),
            bool(alike[best]),
            bool(listed_part[best]),
        )
        agreement = found.setdefault(row, _Agreement())
        agreement.consider(look)
        if reel is not None and one.frame in reel.hashes:
            agreement.many = agreement.many or Many(np.flatnonzero(snapshot.pdq_rows == row))
            agreement.tally = agreement.tally or FrameTally(reel)
            agreement.tally.see_many(one.frame, agreement.many, here, ManyLooks(alike, part, listed_part))

    def _look(self, asked: Question, place: int, distance: int) -> _Look:
        listed_part = bool(self.snapshot.pdq_part[place])
        part = asked.part or listed_part
        listed = self.snapshot.pdq_structure[place].tobytes()
        quality = int(self.snapshot.pdq_quality[place])
        near = distance <= CORROBORATING_DISTANCE and alike(asked.structure, listed)
        return _Look(part, distance, asked, quality, near, listed_part)

    def _answer(self, agreements: Mapping[int, _Agreement]) -> list[Match]:
        matches = (self._judged(row, agreement) for row, agreement in agreements.items())
        return sorted((match for match in matches if match), key=_strongest_first)

    def _judged(self, row: int, seen: _Agreement) -> Match | None:
        entry = self.snapshot.entry_id(row)
        if is_test(entry) or entry in self.removed or (self.later is not None and entry in self.later.ids):
            return None
        if seen.tally is not None and seen.many is not None:
            seen.tally.settle(seen.many, self.snapshot.pdq)
        evidence, look = seen.evidence(self.snapshot.frames_of(row), self.thresholds), seen.look
        verdict = judge(evidence, self.rules)
        if verdict is None:
            return None
        return Match(
            list_id=self.list_id,
            list_version=self.version,
            source=self.source,
            entry_id=entry,
            rule=verdict.rule,
            families=tuple(sorted(verdict.families)),
            weak=verdict.weak,
            corroborated=verdict.corroborated,
            distance=look.distance if look else None,
            variant=look.asked.variant if look else None,
            frame=look.asked.frame if look else None,
            by_window=verdict.by_window,
            footage=evidence.shared.footage if evidence.shared else None,
        )


def _strongest_first(match: Match) -> tuple[bool, bool, bool, bool, int, bytes]:
    distance = 257 if match.distance is None else match.distance
    exact = Family.SHA256 in match.families
    return not match.corroborated, not exact, match.weak, match.by_window, distance, match.entry_id.bytes
