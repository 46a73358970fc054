"""Look-up keys of an item: every hash of every frame, in its positions, and those of its windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tutela.matching.files.records import MIN_QUALITY
from tutela.matching.index.structure_hash import NO_STRUCTURE


class DigestsLike(Protocol):
    """Digests of one item as hex text; an empty one is unknown."""

    @property
    def md5(self) -> str: ...
    @property
    def sha1(self) -> str: ...
    @property
    def sha256(self) -> str: ...


class LookLike(Protocol):
    """Hashes of a picture or a part. `variants` begins with the upright hash; `structures` are as many or none."""

    @property
    def quality(self) -> int: ...
    @property
    def variants(self) -> Sequence[bytes]: ...
    @property
    def structures(self) -> Sequence[bytes]: ...


class WindowLike(LookLike, Protocol):
    """A window of a frame: a part of it, or the whole measured otherwise. Hashes upright, or in all eight positions.

    `restored`: of the picture as it may have been before it was changed. `stretched`: of one with too little contrast.
    """

    @property
    def part(self) -> bool: ...
    @property
    def restored(self) -> bool: ...
    @property
    def stretched(self) -> bool: ...


class FrameLike(LookLike, Protocol):
    """A picture, or one frame of a video. `time_ms` is when a frame of a video is shown; None for a picture."""

    @property
    def index(self) -> int: ...
    @property
    def windows(self) -> Sequence[WindowLike]: ...
    @property
    def time_ms(self) -> int | None: ...


type Item = tuple[DigestsLike | None, Sequence[FrameLike]]


@dataclass(frozen=True, slots=True)
class Question:
    """A hash that is looked up."""

    item: int
    frame: int
    variant: int
    value: bytes
    structure: bytes
    quality: int
    part: bool
    restored: bool = False
    stretched: bool = False


def questions(item: int, frames: Sequence[FrameLike]) -> Iterator[Question]:
    """Yield the hashes to look up for one item, by its number in a batch. Those with a quality below 50 are skipped."""
    for frame in frames:
        yield from _of(frame, item, frame.index, part=False)
        for window in frame.windows:
            # A stretched picture counts as a part: its match is for a person to judge.
            part, told = window.part or window.stretched, (window.restored, window.stretched)
            yield from _of(window, item, frame.index, part=part, told=told)


def _of(
    look: LookLike, item: int, frame: int, *, part: bool, told: tuple[bool, bool] = (False, False)
) -> Iterator[Question]:
    if look.quality < MIN_QUALITY:
        return
    structures = look.structures or [NO_STRUCTURE] * len(look.variants)
    for variant, (value, structure) in enumerate(zip(look.variants, structures, strict=True)):
        yield Question(item, frame, variant, value, structure, look.quality, part, *told)
