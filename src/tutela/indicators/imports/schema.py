"""JSON model of an item, shared by the API's proposal and by import lines.

Both must accept and refuse the same input; a test enforces this. An import line may leave out fields that the import
states for all lines.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from tutela.exchange.register.video_frames import Film
from tutela.indicators.hashes import hash_lines
from tutela.indicators.hashes.validation import MOST_HASHES, HashValue
from tutela.indicators.register.provenance import (
    LONGEST_NORM,
    LONGEST_SOURCE,
    MOST_COUNTRIES,
    NO_PROVENANCE,
    Provenance,
    Stated,
)


class HashIn(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Annotated[str, Field(pattern="^(md5|sha1|sha256|pdq)$")]
    value: Annotated[str, Field(max_length=64)]
    quality: Annotated[int, Field(ge=0, le=100)] | None = None
    hasher: Annotated[str, Field(max_length=40)] = ""
    structure: Annotated[str, Field(max_length=64)] = ""
    covers: Annotated[float, Field(gt=0, le=1)] = 1.0


class LegalityIn(BaseModel):
    """Whether an item is illegal in a country (ISO 3166-1), and by which norm."""

    model_config = ConfigDict(extra="forbid", strict=True)

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    illegal: bool
    norm: Annotated[str, Field(max_length=LONGEST_NORM)] = ""


class ItemIn(BaseModel):
    """Item with its hashes; `video` is the `picture` of a `tutela hash` line; or give `vpdq`.

    `video` contains the statements about a video and its frames.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    hashes: Annotated[list[HashIn], Field(max_length=MOST_HASHES)] = []
    video: dict[str, Any] | None = None
    vpdq: list[str] | str | None = None
    media_type: str = ""
    classification: str = ""
    reason: str = ""
    series: str = ""
    source: Annotated[str, Field(max_length=LONGEST_SOURCE)] = ""
    legality: Annotated[list[LegalityIn], Field(max_length=MOST_COUNTRIES)] = []

    def given(self) -> list[HashValue]:
        """Its hashes, not checked yet."""
        return [HashValue(h.kind, h.value, h.quality, h.hasher, h.structure, h.covers) for h in self.hashes]

    def film(self) -> Film | None:
        """The frames that it names. Raises `FramesNotRead`."""
        return frames(self.video, self.vpdq)

    def told(self) -> Provenance:
        """Source and law, not checked yet."""
        if not (self.source or self.legality):
            return NO_PROVENANCE
        return Provenance(self.source, [Stated(one.country, one.illegal, one.norm) for one in self.legality])


def frames(video: dict[str, Any] | None, vpdq: list[str] | str | None) -> Film | None:
    """Return the frames of a video from `tutela hash` or vPDQ. Raises `FramesNotRead`."""
    if video is not None:
        return hash_lines.frames_of(video)
    return hash_lines.frames_of_vpdq(vpdq) if vpdq is not None else None
