"""A video in a list: frames with number, time, quality and hashes, and never the video itself.

The frames are read from the output of `tutela hash` for a video, or from vPDQ's texts (`media.video.vpdq`), and kept in
one compact form:

    0   4 bytes   b"TFR1"
    4   uint32    how many looks follow
    8   74 bytes each, little-endian, no two alike, ascending by number, time, part, PDQ, quality and structure:
        uint32 the frame's number, uint32 when it is shown in ms, uint8 quality, uint8 1 if it is of a part of the
        frame and else 0, 32 bytes PDQ, 32 bytes structure (zeros: none)

The same frames are the same bytes, so that their SHA-256 names them (`Film.name`).
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tutela.exchange.errors import ExchangeError
from tutela.matching.index.structure_hash import NO_STRUCTURE
from tutela.media.pixels.windows import LISTED_SHARE
from tutela.media.results import OTHER_FRAMES, WHOLES
from tutela.media.video.vpdq import Feature, InvalidVpdq, read_json, read_lines, write_json

MAGIC = b"TFR1"
_HEAD = struct.Struct("<4sI")
_LOOK = np.dtype(
    [
        ("number", "<u4"),
        ("time", "<u4"),
        ("quality", "u1"),
        ("part", "u1"),
        ("pdq", "u1", (32,)),
        ("structure", "u1", (32,)),
    ]
)
# A frame a second for nearly three hours; the hasher itself takes four thousand of a longer one, further apart.
MOST_FRAMES = 10_000
# Some frames have parts that are hashed too: what lies between bars.
MOST_LOOKS = 3 * MOST_FRAMES
MAX_BYTES = _HEAD.size + MOST_LOOKS * _LOOK.itemsize
MAX_CHARACTERS = 12_000_000
_MOST_MS = 2**32 - 1

type _Hex = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
type _Number = Annotated[int, Field(ge=0, le=_MOST_MS)]
type _Quality = Annotated[int, Field(ge=0, le=100)]


class FilmUnreadableError(ExchangeError):
    """The frames of a video cannot be read."""

    def __init__(self, detail: str, field: str = "frames") -> None:
        super().__init__(detail)
        self.field = field


@dataclass(frozen=True, slots=True, order=True)
class FrameLook:
    """Appearance of a frame, or of a part of it: hashes of 32 bytes; zeros if there is no structure."""

    number: int
    time_ms: int
    part: bool
    pdq: bytes
    quality: int
    structure: bytes = NO_STRUCTURE


@dataclass(frozen=True, slots=True)
class Film:
    """The looks of a video's frames, in order. `seconds` is how long it runs; `hasher` made the hashes."""

    looks: tuple[FrameLook, ...]
    seconds: float
    hasher: str = ""

    @property
    def frames(self) -> list[FrameLook]:
        """Looks of whole frames."""
        return [one for one in self.looks if not one.part]

    @property
    def name(self) -> str:
        """Name of exactly these looks, in hex."""
        return hashlib.sha256(packed(self.looks)).hexdigest()


def packed(looks: Iterable[FrameLook]) -> bytes:
    """The compact form; equal looks once."""
    rows = sorted(set(looks))
    table = np.zeros(len(rows), _LOOK)
    for name in ("number", "time", "quality", "part"):
        table[name] = [getattr(one, "time_ms" if name == "time" else name) for one in rows]
    for name in ("pdq", "structure"):
        table[name] = np.frombuffer(b"".join(getattr(one, name) for one in rows), np.uint8).reshape(-1, 32)
    return _HEAD.pack(MAGIC, len(rows)) + table.tobytes()


def unpacked(data: bytes) -> tuple[FrameLook, ...]:
    """Read the compact form, and nothing but that. Raises `FilmUnreadableError`."""
    if len(data) < _HEAD.size or len(data) > MAX_BYTES:
        raise FilmUnreadableError("the file has an impossible length")
    magic, count = _HEAD.unpack_from(data)
    if magic != MAGIC or len(data) != _HEAD.size + count * _LOOK.itemsize:
        raise FilmUnreadableError("the file is not of this form, or was cut")
    table = np.frombuffer(data, _LOOK, offset=_HEAD.size)
    if count and (table["quality"].max() > 100 or table["part"].max() > 1):
        raise FilmUnreadableError("a hash is not valid")
    looks = tuple(
        FrameLook(number, time, bool(part), pdq.tobytes(), quality, structure.tobytes())
        for number, time, quality, part, pdq, structure in zip(
            *(table[name].tolist() for name in ("number", "time", "quality", "part")),
            table["pdq"],
            table["structure"],
            strict=True,
        )
    )
    if any(before >= after for before, after in pairwise(looks)):
        raise FilmUnreadableError("the hashes are out of order")
    return looks


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Window(_Part):
    pdq: _Hex
    structure: _Hex | None = None
    quality: _Quality
    covers: Annotated[float, Field(gt=0, le=1)]
    kind: Annotated[str, Field(max_length=20)] = ""


class _Frame(_Part):
    index: _Number
    time_ms: _Number
    pdq: _Hex
    quality: _Quality
    structure: _Hex | None = None
    windows: Annotated[list[_Window], Field(max_length=20)] = []


class _About(_Part):
    seconds: Annotated[float, Field(ge=0, lt=1e7, allow_inf_nan=False)]


class _Picture(_Part):
    video: _About
    frames: Annotated[list[_Frame], Field(min_length=1, max_length=MOST_FRAMES)]
    hasher: Annotated[str, Field(max_length=40)] = ""


def of_picture(picture: object) -> Film:
    """Read `picture` of a `tutela hash` line. Raises `FilmUnreadableError` naming the field."""
    try:
        read = _Picture.model_validate(picture)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise FilmUnreadableError(first["msg"], ".".join(map(str, first["loc"])) or "frames") from None
    looks = [look for frame in read.frames for look in _looks(frame)]
    return _whole(looks, [(one.index, one.time_ms) for one in read.frames], read.video.seconds, read.hasher)


def of_vpdq(told: str | Sequence[str], hasher: str = "") -> Film:
    """From vPDQ's lines, its JSON, or the list that its JSON holds. It runs for as long as its frames last.

    Raises `FilmUnreadableError` naming the frame.
    """
    try:
        if isinstance(told, str):
            features = read_json(told.strip()) if told.lstrip().startswith("[") else read_lines(told)
        else:
            features = read_json(json.dumps(told[: MOST_FRAMES + 1]))
    except InvalidVpdq as error:
        raise FilmUnreadableError(str(error), "vpdq") from None
    if not 0 < len(features) <= MOST_FRAMES:
        raise FilmUnreadableError(f"1 to {MOST_FRAMES} frames are allowed, not {len(features)}", "vpdq")
    looks = [_of_feature(place, one) for place, one in enumerate(features)]
    ends = max(one.time_ms for one in looks) / 1000
    return _whole(looks, [(one.number, one.time_ms) for one in looks], ends, hasher)


def as_vpdq(film: Film) -> str:
    """Its whole frames as vPDQ's JSON, which others read."""
    return write_json([Feature(one.pdq, one.quality, one.time_ms / 1000, one.number) for one in film.frames])


def _of_feature(place: int, one: Feature) -> FrameLook:
    number = place if one.frame is None else one.frame
    return FrameLook(number, min(round(one.seconds * 1000), _MOST_MS), False, one.pdq, one.quality)


def _looks(frame: _Frame) -> Iterable[FrameLook]:
    yield _look(frame, frame, part=False)
    for window in frame.windows:
        # What covers less is not the frame any more; one that covers all was measured otherwise.
        if window.covers >= LISTED_SHARE and window.kind not in OTHER_FRAMES:
            yield _look(frame, window, part=window.kind not in WHOLES)


def _look(frame: _Frame, of: _Frame | _Window, *, part: bool) -> FrameLook:
    structure = bytes.fromhex(of.structure) if of.structure else NO_STRUCTURE
    return FrameLook(frame.index, frame.time_ms, part, bytes.fromhex(of.pdq), of.quality, structure)


def _whole(looks: list[FrameLook], order: Sequence[tuple[int, int]], seconds: float, hasher: str) -> Film:
    for place, ((number, time), (after, later)) in enumerate(pairwise(order), 1):
        if after <= number:
            said = "the frame occurs twice" if after == number else "the frame comes after a later one"
            raise FilmUnreadableError(f"frame {after}: {said}", f"frames.{place}.index")
        if later < time:
            raise FilmUnreadableError(f"frame {after}: it is shown before frame {number}", f"frames.{place}.time_ms")
    if len(looks) > MOST_LOOKS:
        raise FilmUnreadableError(f"more than {MOST_LOOKS} hashes; omit the windows of the frames")
    return Film(tuple(sorted(set(looks))), max(seconds, order[-1][1] / 1000), hasher)
