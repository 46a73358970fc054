"""Look-up query of a caller: digests, perceptual hashes, windows and frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.canonical_json import loaded
from tutela.exchange.message.field_types import Line

MAX_LOOKUPS = 1000
# Of one item: as many as a video is hashed by.
MAX_FRAMES = 4000
type PdqText = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]


class WindowQuery(Wire):
    """A part of a picture, or the whole measured otherwise, as the hasher describes it.

    `restored`: of the picture as it may have been before it was changed; all hashes of an entry must then agree.
    `stretched`: of one with too little contrast, with its quality once that is stretched.
    """

    hash: PdqText
    quality: Annotated[int, Field(ge=0, le=100)]
    part: bool
    restored: bool = False
    stretched: bool = False
    variants: Annotated[tuple[PdqText, ...], Field(max_length=7)] = ()
    structures: Annotated[tuple[PdqText, ...], Field(max_length=8)] = ()

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if self.structures and len(self.structures) != 1 + len(self.variants):
            raise ValueError("give one structure per hash, or none")
        return self


class PdqQuery(WindowQuery):
    """A perceptual hash to look up, in upper or lower case, with its quality.

    Optional fields are its turned forms, the second hashes of all of them, and windows of the picture. Each frame of a
    video has its number and its time in milliseconds from the start.
    """

    part: Literal[False] = False
    restored: Literal[False] = False
    stretched: Literal[False] = False
    frame: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = None
    time_ms: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = None
    windows: Annotated[tuple[WindowQuery, ...], Field(max_length=255)] = ()


class LookupItem(Wire):
    """One item, known by any of its hashes. `ref` comes back in the answer."""

    ref: Line | None = None
    md5: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{32})?$")] = ""
    sha1: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{40})?$")] = ""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{64})?$")] = ""
    pdq: Annotated[tuple[PdqQuery, ...], Field(max_length=MAX_FRAMES)] = ()

    @model_validator(mode="after")
    def _known_by_something(self) -> Self:
        if not (self.md5 or self.sha1 or self.sha256 or self.pdq):
            raise ValueError("give at least one hash")
        return self


class Lookup(Wire):
    """The body of `POST /v1/lookup`."""

    items: Annotated[tuple[LookupItem, ...], Field(min_length=1, max_length=MAX_LOOKUPS)]

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a query. No digest is computed from it, so the JSON need not be canonical."""
        loaded(data)
        return cls.model_validate_json(data, strict=True)


@dataclass(frozen=True, slots=True)
class _Window:
    part: bool
    quality: int
    variants: tuple[bytes, ...]
    structures: tuple[bytes, ...]
    restored: bool = False
    stretched: bool = False


@dataclass(frozen=True, slots=True)
class _Frame:
    index: int
    quality: int
    variants: tuple[bytes, ...]
    structures: tuple[bytes, ...]
    windows: tuple[_Window, ...]
    time_ms: int | None


def frame_of(index: int, query: PdqQuery) -> _Frame:
    whole = _window(query)
    windows = tuple(_window(one) for one in query.windows)
    number = index if query.frame is None else query.frame
    return _Frame(number, whole.quality, whole.variants, whole.structures, windows, query.time_ms)


def _window(query: WindowQuery) -> _Window:
    variants = tuple(bytes.fromhex(text) for text in (query.hash, *query.variants))
    structures = tuple(bytes.fromhex(text) for text in query.structures)
    return _Window(query.part, query.quality, variants, structures, query.restored, query.stretched)
