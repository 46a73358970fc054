"""Write an archive as a stream: message, cover, attachments, and a manifest of all digests.

Sealed files are copied in pieces, never whole in memory; each is checked against the digest that the package names. A
file that differs ends the archive before its manifest, and an archive without a manifest is not a package.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, cast

from tutela.exchange.errors import ExchangeError
from tutela.exchange.police.message import Attached, Manifest, Part, dumped
from tutela.exchange.referral.referral import Referral, SealedFile

# The same referral gives the same bytes, so no file has a time of its own.
_EPOCH = (1980, 1, 1, 0, 0, 0)


class PartDiffersError(ExchangeError):
    """A part of the package differs from its entry in the package."""


@dataclass(frozen=True)
class Document:
    """A part that is at hand whole: text."""

    name: str
    data: bytes
    media_type: str

    def attached(self) -> Attached:
        return Attached(
            name=self.name,
            size=len(self.data),
            sha256=hashlib.sha256(self.data).hexdigest(),
            media_type=self.media_type,
        )


@dataclass(frozen=True)
class SealedPart:
    """A sealed file with the way to its bytes."""

    file: SealedFile
    pieces: Callable[[], Iterator[bytes]]

    @property
    def name(self) -> str:
        return f"{self.file.evidence_id}.age"

    def attached(self) -> Attached:
        return Attached(name=self.name, size=self.file.size, sha256=self.file.sha256, media_type="application/age")


def written(
    referral: Referral, first: Iterable[tuple[str, bytes]], attachments: Iterable[Document | SealedPart]
) -> Iterator[bytes]:
    """The archive's bytes: `first` at its root, then `attachments/`, then the manifest. Raises `PartDiffersError`."""
    out, parts = _Drain(), list[Part]()
    with zipfile.ZipFile(cast(IO[bytes], out), "w", allowZip64=True) as archive:
        for name, data in first:
            parts.append(_put(archive, name, data))
            yield out.drain()
        for one in attachments:
            where = f"attachments/{one.name}"
            if isinstance(one, Document):
                parts.append(_put(archive, where, one.data))
                yield out.drain()
            else:
                yield from _stream(archive, out, where, one)
                parts.append(Part(name=where, size=one.file.size, sha256=one.file.sha256))
        manifest = Manifest(reference=referral.case_number, parts=tuple(parts))
        _put(archive, "manifest.json", dumped(manifest))
    yield out.drain()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> Part:
    archive.writestr(_info(name, zipfile.ZIP_DEFLATED), data)
    return Part(name=name, size=len(data), sha256=hashlib.sha256(data).hexdigest())


def _stream(archive: zipfile.ZipFile, out: _Drain, where: str, part: SealedPart) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    with archive.open(_info(where, zipfile.ZIP_STORED), "w", force_zip64=True) as inside:
        for piece in part.pieces():
            digest.update(piece)
            size += len(piece)
            inside.write(piece)
            yield out.drain()
    if size != part.file.size or digest.hexdigest() != part.file.sha256:
        raise PartDiffersError(part.name)


def _info(name: str, how: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type, info.external_attr = how, 0o600 << 16
    return info


class _Drain:
    """A file without seek, from which the written bytes are drained."""

    def __init__(self) -> None:
        self._held, self._at = bytearray(), 0

    def write(self, data: bytes) -> int:
        self._held += data
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def drain(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data
