"""A line of `tutela hash`, as somebody pastes it: from its text to the hashes of a proposal."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tutela.indicators.errors import LineNotRead
from tutela.indicators.hashes import Given
from tutela.matching.records import MIN_QUALITY

# A picture has a handful of windows; a line is a few kilobytes.
MAX_CHARACTERS = 20_000
type _Hex = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Window(_Part):
    pdq: _Hex
    structure: _Hex
    quality: int
    covers: float


class _Frame(_Part):
    pdq: _Hex
    quality: int
    structure: _Hex | None = None
    windows: Annotated[list[_Window], Field(max_length=20)] = []


class _Picture(_Part):
    frames: Annotated[list[_Frame], Field(min_length=1, max_length=8)]
    hasher: Annotated[str, Field(max_length=40)]


class _Digests(_Part):
    md5: str
    sha1: str
    sha256: str


class _Line(_Part):
    digests: _Digests
    picture: _Picture | None = None


def given(text: str) -> list[Given]:
    """The digests and, of each frame that is not too flat, the look and its windows. Raises `LineNotRead`."""
    if len(text) > MAX_CHARACTERS:
        raise LineNotRead
    try:
        line = _Line.model_validate_json(text)
    except ValidationError:
        raise LineNotRead from None
    out = [Given(kind, getattr(line.digests, kind)) for kind in ("sha256", "md5", "sha1")]
    for frame in line.picture.frames if line.picture else ():
        hasher = line.picture.hasher if line.picture else ""
        if frame.quality >= MIN_QUALITY:
            out.append(Given("pdq", frame.pdq, frame.quality, hasher, frame.structure or ""))
        out += [Given("pdq", w.pdq, w.quality, hasher, w.structure, w.covers) for w in frame.windows]
    return out
