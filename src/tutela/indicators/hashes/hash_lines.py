"""Parse pasted or uploaded lines of `tutela hash` into the hashes of a proposal."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tutela.exchange.register.video_frames import MAX_CHARACTERS, Film, FilmUnreadableError, of_picture, of_vpdq
from tutela.indicators.hashes import validation
from tutela.indicators.hashes.errors import FramesNotRead, LineNotRead, NotText
from tutela.indicators.hashes.validation import HashValue
from tutela.matching.files.records import MIN_QUALITY
from tutela.media.results import WindowKind

# A hash needs fewer characters of a line than this, so a longer line is not an entry.
MOST_OF_A_PICTURE = validation.MOST_HASHES * 1000
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
type _Hex = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Window(_Part):
    pdq: _Hex
    structure: _Hex
    quality: int
    covers: float
    kind: str = ""


class _Frame(_Part):
    pdq: _Hex
    quality: int
    structure: _Hex | None = None
    windows: list[_Window] = []


class _Picture(_Part):
    frames: Annotated[list[_Frame], Field(min_length=1)]
    hasher: Annotated[str, Field(max_length=40)]


class _Digests(_Part):
    md5: str
    sha1: str
    sha256: str


class _Line(_Part):
    digests: _Digests
    picture: dict[str, Any] | None = None


@dataclass(frozen=True)
class HashLine:
    """Content of a line about an item: its hashes, and the frames of a video."""

    given: list[HashValue]
    film: Film | None = None


def text_of(data: bytes) -> str:
    """The text of a file that was uploaded: UTF-8, or UTF-16 with its mark, as `>` writes it in Windows PowerShell.

    Raises `NotText`.
    """
    try:
        text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise NotText from None
    # UTF-16 without a mark, UTF-32, and pictures that happen to pass.
    if "\0" in text:
        raise NotText
    return text


def read(text: str) -> HashLine:
    """The digests; of a picture each frame that is not too flat with its windows, of a video its frames.

    Raises `LineNotRead`, `FramesNotRead` naming the field.
    """
    if len(text) > MAX_CHARACTERS:
        raise LineNotRead
    try:
        line = _Line.model_validate(json.loads(text))
        moves = line.picture is not None and line.picture.get("video") is not None
        if len(text) > MOST_OF_A_PICTURE and not moves:
            raise LineNotRead
        picture = _Picture.model_validate(line.picture) if line.picture and not moves else None
    except (ValidationError, ValueError, RecursionError):
        raise LineNotRead from None
    digests = [HashValue(kind, getattr(line.digests, kind)) for kind in ("sha256", "md5", "sha1")]
    if moves:
        return HashLine(digests, frames_of(line.picture))
    return HashLine(digests + [one for frame in (picture.frames if picture else ()) for one in _looks(frame, picture)])


def read_any(text: str) -> HashLine:
    """A line of `tutela hash`, or a vPDQ hash in either of its texts. Raises `LineNotRead`, `FramesNotRead`."""
    plain = text.strip()
    return HashLine([], frames_of_vpdq(plain)) if plain[:1] == "[" or plain[:1].isdecimal() else read(plain)


def frames_of(picture: object) -> Film:
    """Return the frames of a video from a line. Raises `FramesNotRead` naming the field."""
    try:
        return of_picture(picture)
    except FilmUnreadableError as error:
        raise FramesNotRead(field=error.field, reason=error.detail) from None


def frames_of_vpdq(told: str | list[str]) -> Film:
    """The frames of a vPDQ hash: its lines, its JSON, or the list in that. Raises `FramesNotRead` naming the frame."""
    try:
        return of_vpdq(told)
    except FilmUnreadableError as error:
        raise FramesNotRead(field=error.field, reason=error.detail) from None


def _looks(frame: _Frame, of: _Picture | None) -> list[HashValue]:
    hasher = of.hasher if of else ""
    # What is compared once it is stretched is a guess, and it covers all of the picture: it is no hash of an indicator.
    windows = [one for one in frame.windows if one.kind != WindowKind.STRETCHED]
    out = [HashValue("pdq", w.pdq, w.quality, hasher, w.structure, w.covers) for w in windows]
    if frame.quality >= MIN_QUALITY:
        out.insert(0, HashValue("pdq", frame.pdq, frame.quality, hasher, frame.structure or ""))
    return out
