"""Queue entry of one item to scan later."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tutela.edge.spool.candidates import NamedItem
from tutela.exchange.message.timestamps import Moment
from tutela.media import Digests, FrameHash, Hashed, Refused
from tutela.media.results import Code, Window, WindowKind
from tutela.scan.outcome import code_of


class _Window(BaseModel):
    kind: WindowKind
    box: tuple[float, float, float, float]
    quality: int
    variants: tuple[str, ...]
    structures: tuple[str, ...]


class _Frame(BaseModel):
    index: int
    quality: int
    variants: tuple[str, ...]
    structures: tuple[str, ...] = ()
    windows: tuple[_Window, ...] = ()
    time_ms: int | None = None


class _Hashes(BaseModel):
    md5: str
    sha1: str
    sha256: str
    size: int
    format: str = ""
    width: int = 0
    height: int = 0
    frames: tuple[_Frame, ...] = ()
    refused: str = ""
    notes: tuple[str, ...] = ()


class Unscanned(BaseModel):
    """One item to scan later. `at` is when it went by, `tenant` the caller that named it."""

    model_config = ConfigDict(frozen=True)

    item: str
    account: str | None = None
    service: str | None = None
    channel: str | None = None
    at: Moment
    location: str | None = None
    hashes: _Hashes | None = None
    tenant: str = ""
    # Why it could not even be fetched.
    reason: str | None = None
    attempts: Annotated[int, Field(exclude=True)] = 0

    @property
    def named(self) -> NamedItem:
        return NamedItem(self.item, self.account, self.service, self.channel)

    def key(self) -> str:
        """Key that makes an entry unique: names of different callers are unrelated."""
        known = self.hashes
        return json.dumps([self.tenant, self.item, self.location or "", known.sha256 if known else ""])

    @property
    def code(self) -> str:
        """Reason why a person must look at the item, in one word."""
        result = self.result()
        return self.reason or (code_of(result) if result else "no_frames")

    def result(self) -> Hashed | Refused | None:
        """Result of the hasher when the item passed; None if it was not hashed."""
        known = self.hashes
        if known is None:
            return None
        digests = Digests(known.md5, known.sha1, known.sha256, known.size)
        if known.refused:
            return Refused(digests, Code(known.refused), "")
        frames = tuple(_frame(one) for one in known.frames)
        return Hashed(digests, known.format, known.width, known.height, frames, known.notes)


def unscanned(
    named: NamedItem, at: datetime, *, result: Hashed | Refused | None, location: str | None, tenant: str = ""
) -> Unscanned:
    """Create the queue entry from the known facts about an item."""
    return Unscanned(
        item=named.item,
        account=named.account,
        service=named.service,
        channel=named.channel,
        at=at,
        location=location,
        hashes=_hashes_of(result),
        tenant=tenant,
    )


def _hashes_of(result: Hashed | Refused | None) -> _Hashes | None:
    """The hasher's result; None if it did not even read the file."""
    if result is None or result.digests is None:
        return None
    d, looks = result.digests, result.frames if isinstance(result, Hashed) else ()
    frames = tuple(
        _Frame(
            index=f.index,
            quality=f.quality,
            variants=_hex(f.variants),
            structures=_hex(f.structures),
            time_ms=f.time_ms,
            windows=tuple(
                _Window(
                    kind=w.kind,
                    box=w.box,
                    quality=w.quality,
                    variants=_hex(w.variants),
                    structures=_hex(w.structures),
                )
                for w in f.windows
            ),
        )
        for f in looks
    )
    hashes = _Hashes(md5=d.md5, sha1=d.sha1, sha256=d.sha256, size=d.size, frames=frames)
    if isinstance(result, Hashed):
        about = {"format": result.format, "width": result.width, "height": result.height, "notes": result.notes}
        return hashes.model_copy(update=about)
    return hashes.model_copy(update={"refused": str(result.code)})


def _frame(one: _Frame) -> FrameHash:
    variants = _bytes(one.variants)
    windows = tuple(Window(w.kind, w.box, w.quality, _bytes(w.variants), _bytes(w.structures)) for w in one.windows)
    pdq = variants[0] if variants else b""
    return FrameHash(one.index, pdq, one.quality, variants, _bytes(one.structures), windows, one.time_ms)


def _hex(hashes: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(one.hex() for one in hashes)


def _bytes(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(text) for text in texts)
