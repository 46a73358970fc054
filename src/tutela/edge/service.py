"""What the Edge does for a caller: scan a picture, look hashes up. Plain functions of bytes; `app` gives them HTTP."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import Field, model_validator

from tutela import clock
from tutela.edge.candidates import Named, candidate, candidate_match
from tutela.edge.live import LiveLists
from tutela.edge.metrics import Metrics
from tutela.edge.outbox import Outbox
from tutela.edge.settings import Detection
from tutela.exchange.report_fields import Line
from tutela.exchange.wire import Wire
from tutela.matching import Match
from tutela.media import HASHER_ID, FrameHash, Hashed, Refused

MAX_LOOKUPS = 1000


class Hasher(Protocol):
    """The sandboxed pool."""

    def hash_bytes(self, data: bytes, *, tenant: str, listed: bool = False) -> Hashed | Refused: ...


type PdqText = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]


class WindowQuery(Wire):
    """A part of a picture, or the whole measured otherwise, as the hasher describes it."""

    hash: PdqText
    quality: Annotated[int, Field(ge=0, le=100)]
    part: bool
    variants: Annotated[tuple[PdqText, ...], Field(max_length=7)] = ()
    structures: Annotated[tuple[PdqText, ...], Field(max_length=8)] = ()

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if self.structures and len(self.structures) != 1 + len(self.variants):
            raise ValueError("there are as many structures as hashes, or none")
        return self


class PdqQuery(WindowQuery):
    """A perceptual hash to look up, in either case, with its quality.

    Beside it may be given its turned forms, the second hashes of all of them, and windows of the picture.
    """

    part: Literal[False] = False
    windows: Annotated[tuple[WindowQuery, ...], Field(max_length=128)] = ()


class LookupItem(Wire):
    """One item, known by any of its hashes. `ref` comes back in the answer."""

    ref: Line | None = None
    md5: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{32})?$")] = ""
    sha1: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{40})?$")] = ""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{64})?$")] = ""
    pdq: Annotated[tuple[PdqQuery, ...], Field(max_length=50)] = ()


class Lookup(Wire):
    """The body of `POST /v1/lookup`."""

    items: Annotated[tuple[LookupItem, ...], Field(min_length=1, max_length=MAX_LOOKUPS)]


@dataclass(frozen=True, slots=True)
class _Window:
    part: bool
    quality: int
    variants: tuple[bytes, ...]
    structures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
    index: int
    quality: int
    variants: tuple[bytes, ...]
    structures: tuple[bytes, ...]
    windows: tuple[_Window, ...]


class EdgeService:
    """Safe to share between threads."""

    def __init__(
        self, lists: LiveLists, hasher: Hasher, outbox: Outbox, metrics: Metrics, detection: Detection
    ) -> None:
        self.lists, self.outbox, self.metrics = lists, outbox, metrics
        self._hasher, self._detection = hasher, detection

    def scan(self, data: bytes, named: Named | None, tenant: str) -> dict[str, Any]:
        """Hash, match, and if the item is named and matches, accept a candidate durably before answering.

        `tenant` is the caller that the picture came from; its decoder meets no other caller's pictures.

        Raises NoTrustedListError: without a list there is no answer, and above all no "no match".
        """
        started = time.perf_counter()
        self.lists.trusted()
        result = self._hasher.hash_bytes(data, tenant=tenant)
        frames = result.frames if isinstance(result, Hashed) else ()
        answers, asked = self.lists.match_all([(result.digests, frames)])
        matches = answers[0]
        self._count(matches)
        self.metrics.scans.labels("hashed" if isinstance(result, Hashed) else str(result.code)).inc()
        accepted = self._accept(named, result, matches) if named and matches else None
        self.metrics.seconds.observe(time.perf_counter() - started)
        now = clock.now()
        return {
            **described(result),
            "matches": as_json(matches),
            "lists": [live.describe(now) for live in asked],
            "detection": self._detection.value,
            "candidate": accepted,
        }

    def lookup(self, query: Lookup) -> dict[str, Any]:
        """The matches of each item, in the order asked. Nothing is delivered: no upload stands behind it."""
        items = [(item, [_frame(i, pdq) for i, pdq in enumerate(item.pdq)]) for item in query.items]
        answers, asked = self.lists.match_all(items)
        self.metrics.lookups.inc(len(items))
        now = clock.now()
        return {
            "items": [
                {"ref": item.ref, "matches": as_json(found)} for item, found in zip(query.items, answers, strict=True)
            ],
            "lists": [live.describe(now) for live in asked],
        }

    def _accept(self, named: Named, result: Hashed | Refused, matches: Sequence[Match]) -> dict[str, Any]:
        now, shadow = clock.now(), self._detection is Detection.SHADOW
        message = candidate(named, result, matches, shadow=shadow, at=now)
        new = self.outbox.put(message.key(), message.to_bytes(), now)
        if new:
            self.metrics.candidates.labels(self._detection.value).inc()
        return {"key": message.key(), "shadow": shadow, "new": new}

    def _count(self, matches: Sequence[Match]) -> None:
        for match in matches:
            self.metrics.matches.labels(match.list_id, match.rule, self._detection.value).inc()


def _frame(index: int, query: PdqQuery) -> _Frame:
    whole = _window(query)
    windows = tuple(_window(one) for one in query.windows)
    return _Frame(index, whole.quality, whole.variants, whole.structures, windows)


def _window(query: WindowQuery) -> _Window:
    variants = tuple(bytes.fromhex(text) for text in (query.hash, *query.variants))
    return _Window(query.part, query.quality, variants, tuple(bytes.fromhex(text) for text in query.structures))


def as_json(matches: Sequence[Match]) -> list[dict[str, Any]]:
    """Matches as they are answered; the strongest first within a list."""
    return [candidate_match(match).model_dump(mode="json", exclude_none=True) for match in matches]


def described(result: Hashed | Refused, *, listed: bool = False) -> dict[str, Any]:
    """What the hasher found, as it is answered; `listed` adds what an entry of a list is made of."""
    d = result.digests
    digests = {"md5": d.md5, "sha1": d.sha1, "sha256": d.sha256, "size": d.size} if d else None
    if isinstance(result, Refused):
        refused = {"code": str(result.code), "message": result.message}
        return {"digests": digests, "picture": None, "refused": refused}
    frames = [_frame_as_json(frame, listed=listed) for frame in result.frames]
    picture = {
        "format": result.format,
        "width": result.width,
        "height": result.height,
        "frames": frames,
        "hasher": HASHER_ID,
        "notes": list(result.notes),
        "matchable": result.matchable,
    }
    return {"digests": digests, "picture": picture, "refused": None}


def _frame_as_json(frame: FrameHash, *, listed: bool) -> dict[str, Any]:
    basic = {"index": frame.index, "pdq": frame.pdq.hex(), "quality": frame.quality}
    if not listed:
        return basic
    structure = frame.structures[0].hex() if frame.structures else None
    return basic | {"structure": structure, "windows": [window.as_json() for window in frame.windows]}
