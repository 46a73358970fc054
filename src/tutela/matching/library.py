"""A list in use: everything about an item that a list recognises, in one answer.

A frame is looked up in all eight turned and mirrored forms that its hasher gives. Removed entries are never answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from uuid import UUID

import numpy as np

from tutela.matching.index import HammingIndex
from tutela.matching.records import MIN_QUALITY
from tutela.matching.rules import MAX_DISTANCE, RULES, Evidence, Family, Rule, judge
from tutela.matching.snapshot import Snapshot


class DigestsLike(Protocol):
    """Digests of one item as hex text; an empty one is unknown."""

    @property
    def md5(self) -> str: ...
    @property
    def sha1(self) -> str: ...
    @property
    def sha256(self) -> str: ...


class FrameLike(Protocol):
    """A picture, or one frame of a video. `variants` begins with the upright hash."""

    @property
    def index(self) -> int: ...
    @property
    def quality(self) -> int: ...
    @property
    def variants(self) -> Sequence[bytes]: ...


type Item = tuple[DigestsLike | None, Sequence[FrameLike]]


@dataclass(frozen=True, slots=True)
class Match:
    """One entry that agrees with an item. `distance`, `variant` (0-7) and `frame` describe the nearest PDQ hash."""

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


@dataclass(slots=True)
class _Agreement:
    families: set[Family] = field(default_factory=set)
    distance: int | None = None
    variant: int | None = None
    frame: int | None = None
    seen: int | None = None
    listed: int | None = None


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
        """The same list, answering none of `removed` (which replaces what was removed before)."""
        return replace(self, removed=frozenset(removed))

    def __len__(self) -> int:
        """How many entries the snapshot holds, removed ones included."""
        return len(self.snapshot)

    def match(self, digests: DigestsLike | None, frames: Sequence[FrameLike]) -> list[Match]:
        """Every entry that agrees with the item, strongest and nearest first."""
        return self.match_all([(digests, frames)])[0]

    def match_all(self, items: Sequence[Item]) -> list[list[Match]]:
        """`match` for a batch, in one pass over the index."""
        found: list[dict[int, _Agreement]] = [self._by_digest(digests) for digests, _ in items]
        self._by_look(items, found)
        return [self._answer(agreements) for agreements in found]

    def _by_digest(self, digests: DigestsLike | None) -> dict[int, _Agreement]:
        found: dict[int, _Agreement] = {}
        if digests is None:
            return found
        for family in (Family.SHA256, Family.SHA1, Family.MD5):
            text = getattr(digests, family.value)
            for row in self.snapshot.find(family.value, bytes.fromhex(text)) if text else ():
                found.setdefault(row, _Agreement()).families.add(family)
        return found

    def _by_look(self, items: Sequence[Item], found: list[dict[int, _Agreement]]) -> None:
        asked = [
            (item, frame, variant, value)
            for item, (_, frames) in enumerate(items)
            for frame in frames
            if frame.quality >= MIN_QUALITY
            for variant, value in enumerate(frame.variants)
        ]
        if not asked or not len(self.snapshot.pdq):
            return
        queries = np.frombuffer(b"".join(value for *_, value in asked), np.uint8).reshape(-1, 32)
        near = self.index.query(queries, self.max_distance)
        for query, (item, frame, variant, _) in enumerate(asked):
            for place, distance in near.of(query):
                row = int(self.snapshot.pdq_rows[place])
                agreement = found[item].setdefault(row, _Agreement())
                agreement.families.add(Family.PDQ)
                if agreement.distance is None or distance < agreement.distance:
                    agreement.distance, agreement.variant, agreement.frame = distance, variant, frame.index
                    agreement.seen, agreement.listed = frame.quality, int(self.snapshot.pdq_quality[place])

    def _answer(self, agreements: Mapping[int, _Agreement]) -> list[Match]:
        matches = (self._judged(row, agreement) for row, agreement in agreements.items())
        return sorted((match for match in matches if match), key=_strongest_first)

    def _judged(self, row: int, seen: _Agreement) -> Match | None:
        entry = self.snapshot.entry_id(row)
        if entry in self.removed:
            return None
        verdict = judge(Evidence(frozenset(seen.families), seen.distance, seen.seen, seen.listed), self.rules)
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
            distance=seen.distance,
            variant=seen.variant,
            frame=seen.frame,
        )


def _strongest_first(match: Match) -> tuple[bool, bool, bool, int, bytes]:
    distance = 257 if match.distance is None else match.distance
    exact = Family.SHA256 in match.families
    return not match.corroborated, not exact, match.weak, distance, match.entry_id.bytes
