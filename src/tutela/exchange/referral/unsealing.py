"""Open sealed files on the authority's machine: single, in signed referrals or in archives.

1. A package names each file by the digest of its ciphertext; that decides which entry a file is, not its name.
2. Output is written to a temporary file, and renamed only when size and digest are those that the package names.
3. Resealing goes from one key to the next in memory, a piece at a time: no clear byte is written anywhere.
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.referral import age_encryption, offline_files
from tutela.exchange.referral.offline_files import DAMAGED, MOST_BYTES, SIGNED
from tutela.exchange.referral.referral import Referral, SealedFile, SealedFiles

PACKAGE = "attachments/referral.json"
# Files that came after the package was made.
LATE = "attachments/sealed-files.json"
PIECE_BYTES = 256 * 1024
# Name of a resealed file: the original file, and the first characters of the id of the key that opens it now.
RESEALED = re.compile(r"(?P<stem>.+)\.(?P<key>[0-9a-f]{16})\.resealed\.age")
_UNSAFE = re.compile(r"[^\w.\- ]")


type Entries = tuple[SealedFile, ...] | None


class NotAPackageError(ExchangeError):
    """The file must be the package of a referral (JSON), or a file that contains one."""


class DiffersError(ExchangeError):
    """The contents differ from the referral. Nothing was written. Inform the Centre."""


class ThereAlreadyError(ExchangeError):
    """A file with this name already exists and is not overwritten. Choose another folder: --out."""


@dataclass(frozen=True)
class Sealed:
    """One sealed file: its name for people, and its place."""

    name: str
    path: Path
    member: str = ""

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Its bytes. Raises `CannotOpenError`."""
        with ExitStack() as held:
            yield held.enter_context(self._readable(held))

    def _readable(self, held: ExitStack) -> Any:
        if not self.member:
            return self.path.open("rb")
        try:
            return held.enter_context(zipfile.ZipFile(self.path)).open(self.member)
        except DAMAGED:
            raise age_encryption.CannotOpenError("The file was cut or changed.") from None


@dataclass(frozen=True)
class OpenedEvidence:
    """An opened file, its place, and whether a package confirms it."""

    sealed: Sealed
    target: Path
    size: int
    sha256: str
    checked: bool


def sealed_in(path: Path) -> list[Sealed]:
    """The sealed files of a path: itself, or those inside a signed referral or an archive."""
    if not zipfile.is_zipfile(path):
        return [Sealed(path.name, path)]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".age")]
    except DAMAGED:
        raise age_encryption.CannotOpenError("The file was cut or changed.") from None
    return [Sealed(f"{path.name}:{name.rpartition('/')[2]}", path, name) for name in names]


def entries_in(path: Path) -> tuple[SealedFile, ...]:
    """Entries for files in a package. Raises `NotAPackageError`.

    The package is JSON as downloaded (the package, or the list of files that the Centre keeps), or inside a signed file
    or an archive. Its signature is not relied on here: its digests are compared with the opened content.
    """
    try:
        return tuple(one for data in _said(path) for one in _entries(data))
    except (ValueError, ExchangeError):
        raise NotAPackageError from None


def has_entries(path: Path) -> bool:
    """True if a file holds a package together with its sealed files."""
    if not zipfile.is_zipfile(path):
        return False
    with suppress(*DAMAGED), zipfile.ZipFile(path) as archive:
        return bool({SIGNED, PACKAGE} & set(archive.namelist()))
    return False


def _entries(data: bytes) -> tuple[SealedFile, ...]:
    try:
        return SealedFiles.from_bytes(data).evidence
    except ValueError:
        return Referral.from_bytes(data).evidence


def _said(path: Path) -> list[bytes]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            return [file.read(MOST_BYTES)]
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if SIGNED in names:
                signed = [SIGNED, *({offline_files.LATE} & set(names))]
                return [Envelope.from_bytes(_member(archive, name)).payload for name in signed]
            return [_member(archive, name) for name in (PACKAGE, LATE) if name == PACKAGE or name in names]
    except DAMAGED:
        raise NotAPackageError from None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as inside:
        return inside.read(MOST_BYTES)


def open_sealed(sealed: Sealed, identities: list[str], out: Path, entries: Entries) -> OpenedEvidence:
    """Open one file into a folder. Raises `CannotOpenError`, `DiffersError`, `ThereAlreadyError`, `OSError`."""
    named = entry_of(sealed, entries)
    target = out / _name(sealed, named)
    with _exclusively(target) as file:
        size, digest = _through(sealed, identities, _Tee(file.write), named)
    return OpenedEvidence(sealed, target, size, digest, named is not None)


def resealed_name(stem: str, recipient: str) -> str:
    """Name of a resealed file, in the form that `RESEALED` reads."""
    return f"{stem}.{age_encryption.key_id(recipient)[:16]}.resealed.age"


def reseal(sealed: Sealed, identities: list[str], recipient: str, target: Path, entries: Entries) -> OpenedEvidence:
    """Seal one file to another recipient. Raises as `open_sealed`, and `NotARecipientError`."""
    named = entry_of(sealed, entries)
    with _exclusively(target) as file:
        sealer = age_encryption.Sealer(recipient, file)
        try:
            size, digest = _through(sealed, identities, _Tee(sealer.write), named)
        except BaseException:
            sealer.abort()
            raise
        sealer.close()
    return OpenedEvidence(sealed, target, size, digest, named is not None)


def entry_of(sealed: Sealed, entries: Entries) -> SealedFile | None:
    """Find the package's entry for a file (1). Raises `DiffersError` if none has its ciphertext."""
    if entries is None:
        return None
    digest = hashlib.sha256()
    with sealed.opened() as file:
        try:
            while piece := file.read(PIECE_BYTES):
                digest.update(piece)
        except DAMAGED:
            raise age_encryption.CannotOpenError("The file was cut or changed.") from None
    named = next((one for one in entries if one.sha256 == digest.hexdigest()), None)
    if named is None:
        raise DiffersError(
            "The referral does not name this file: it was changed in transit, or belongs to another referral."
        )
    return named


class _Tee:
    """Counts and digests what goes through."""

    def __init__(self, write: Any) -> None:
        self._write, self.size, self.digest = write, 0, hashlib.sha256()

    def write(self, piece: bytes) -> None:
        self._write(piece)
        self.size += len(piece)
        self.digest.update(piece)


def _through(sealed: Sealed, identities: list[str], tee: _Tee, named: SealedFile | None) -> tuple[int, str]:
    with sealed.opened() as source:
        try:
            age_encryption.unseal(source, tee, identities)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise age_encryption.CannotOpenError("The file was cut or changed.") from None
    found = (tee.size, tee.digest.hexdigest())
    if named is not None and found != (named.clear_size, named.clear_sha256):
        raise DiffersError
    return found


@contextmanager
def _exclusively(target: Path) -> Iterator[IO[bytes]]:
    """Create a new file under a temporary name, then rename it (2). Raises `ThereAlreadyError`."""
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise ThereAlreadyError(target.name) from None
    part = target.with_name(f"{target.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        raise


def _name(sealed: Sealed, named: SealedFile | None) -> str:
    """A name that leads nowhere else, whatever the provider wrote."""
    if named is None:
        stem = (sealed.member or sealed.path.name).rpartition("/")[2]
        return _plain(stem.removesuffix(".age")) or "file"
    said = _plain((named.name or "").replace("\\", "/").rpartition("/")[2])
    return f"{named.evidence_id}-{said}" if said else str(named.evidence_id)


def _plain(text: str) -> str:
    plain = _UNSAFE.sub("_", text).strip(" .")
    # A file's name has at most 255 bytes, and something of ours stands before and behind it.
    return plain.encode()[:150].decode(errors="ignore")
