"""Candidates from an Edge to the provider's desk when an item matches a list. A human decides."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tutela.exchange.message.base import Wire
from tutela.exchange.message.canonical_json import digest
from tutela.exchange.message.field_types import Line, Md5, Sha1, Sha256, Size
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.report.fields import IndicatorMatch, Pdq

type Percent = Annotated[int, Field(ge=0, le=100)]
type Milliseconds = Annotated[int, Field(ge=0, le=2**32 - 1)]


class SegmentMatch(Wire):
    """Frames of a video on end that agree: from when to when, and how many different ones."""

    from_ms: Milliseconds
    to_ms: Milliseconds
    run: Annotated[int, Field(ge=1)]

    @property
    def shown(self) -> str:
        """From when to when, as a clock shows it."""
        return f"{_clock(self.from_ms)}–{_clock(self.to_ms)}"


class FootageMatch(Wire):
    """Agreement of a video with an entry: its agreeing different frames, and its consecutive seconds that agree.

    `query_percent` is their share of the video's different frames, `compared_percent` that of the listed video's (a
    listed picture has none). Both are in whole percent, rounded up. From `from_ms` to `to_ms`, `run` different frames
    agree without a gap. `times_ms` are the times of the first agreeing frames. `segments` are the longest stretches
    without a gap, in their order.
    """

    frames: Annotated[int, Field(ge=1)]
    query_percent: Percent
    compared_percent: Percent | None = None
    from_ms: Milliseconds
    to_ms: Milliseconds
    run: Annotated[int, Field(ge=0)]
    times_ms: Annotated[tuple[Milliseconds, ...], Field(max_length=100)] = ()
    segments: Annotated[tuple[SegmentMatch, ...], Field(max_length=20)] = ()

    @property
    def from_seconds(self) -> int:
        """Start of the longest stretch, in whole seconds."""
        return self.from_ms // 1000

    @property
    def to_seconds(self) -> int:
        """End of the longest stretch, in whole seconds."""
        return self.to_ms // 1000


class CandidateMatch(IndicatorMatch):
    """One agreement, with what a reviewer needs to understand it. Distance in bits, variant 0-7 (0 is upright).

    `by_window`: only a part of the item, or of the listed picture, agrees, or the item once its contrast is stretched.
    A human being must look.
    """

    in_public_register: bool
    families: Annotated[tuple[Line, ...], Field(min_length=1, max_length=5)]
    weak: bool
    by_window: bool = False
    distance: Annotated[int, Field(ge=0, le=256)] | None = None
    variant: Annotated[int, Field(ge=0, le=7)] | None = None
    frame: Annotated[int, Field(ge=0)] | None = None
    footage: FootageMatch | None = None


def _clock(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}" if minutes >= 60 else f"{minutes}:{seconds:02}"


class Candidate(Wire):
    """An item of the provider that matched. `shadow`: counted while detection is being tried out, never acted on."""

    schema_version: Literal["1"] = "1"
    item: Line
    account: Line | None = None
    service: Line | None = None
    channel: Line | None = None
    at: Moment
    shadow: bool
    md5: Md5
    sha1: Sha1
    sha256: Sha256
    size: Size
    media_type: Line | None = None
    pdq: Annotated[tuple[Pdq, ...], Field(max_length=500)] = ()
    matches: Annotated[tuple[CandidateMatch, ...], Field(min_length=1, max_length=1000)]

    def key(self) -> str:
        """The idempotency key: the same item, bytes and entries are the same candidate, whenever they are seen."""
        entries = sorted(f"{match.list_id}/{match.entry_id}" for match in self.matches)
        return digest({"entries": entries, "item": self.item, "sha256": self.sha256, "shadow": self.shadow})
