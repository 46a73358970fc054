"""Read an uploaded backlog as it comes: its format, its addresses, and a keyed hash of its bytes.

Nothing is written to a disk. At most one line, message and part of the file are in memory in clear.
"""

from __future__ import annotations

import hmac
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import PureWindowsPath
from uuid import UUID

from django.conf import settings

from tutela.exchange.takedown.backlog import (
    BacklogEntry,
    BacklogUnreadableError,
    MailboxReader,
    Skipped,
    TableReader,
)
from tutela.exchange.takedown.backlog_mail import MOST_MESSAGE_BYTES
from tutela.takedown.errors import BacklogTooLarge, BacklogUnreadable
from tutela.takedown.models import FileKind

# A mailbox of years is mostly attachments, which are passed over.
MOST_MEGABYTES = 500
LONGEST_NAME = 60
_BUFFER = 64 * 1024
_BY_ENDING = {
    "csv": FileKind.TABLE,
    "tsv": FileKind.TABLE,
    "txt": FileKind.TABLE,
    "mbox": FileKind.MAILBOX,
    "eml": FileKind.MESSAGE,
}
_HEADER = re.compile(rb"(?:received|return-path|from|to|date|subject|message-id|mime-version|delivered-to):", re.I)
_NOT_IN_A_NAME = re.compile(r"[^\w .()\-]")


class UploadStream(io.RawIOBase):
    """Pieces of an upload as a file, with a hash of all that was read. Raises `BacklogTooLarge`."""

    def __init__(self, organisation_id: UUID, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces, self._rest, self._size = iter(pieces), b"", 0
        self._hash = hmac.new(settings.BLIND_KEY, f"takedown:file:{organisation_id}:".encode(), "sha256")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            found = next(self._pieces, None)
            if found is None:
                return 0
            self._rest = found
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken) :]
        self._size += len(taken)
        if self._size > MOST_MEGABYTES << 20:
            raise BacklogTooLarge(most=MOST_MEGABYTES)
        self._hash.update(taken)
        buffer[: len(taken)] = taken
        return len(taken)

    @property
    def key(self) -> bytes:
        """The keyed hash of what was read: the same file has the same key at one organisation only."""
        return self._hash.digest()


@dataclass
class BacklogFile:
    """An upload. `entries` reads it; afterwards `key` and the counts are complete."""

    organisation_id: UUID
    name: str
    pieces: Iterable[bytes]
    given_kind: str = ""

    def __post_init__(self) -> None:
        self._stream = UploadStream(self.organisation_id, self.pieces)
        self._file = io.BufferedReader(self._stream, _BUFFER)
        self._skipped, self._referrers = Skipped(), 0
        self.kind = FileKind(self.given_kind) if self.given_kind else self._detected()

    @property
    def key(self) -> bytes:
        """The keyed hash of the whole file."""
        return self._stream.key

    @property
    def shown_name(self) -> str:
        """The name without folders, and without signs of an address or an e-mail address."""
        last = PureWindowsPath(self.name).name.rpartition("/")[2]
        return _NOT_IN_A_NAME.sub("_", last)[-LONGEST_NAME:].strip() or "file"

    @property
    def refused(self) -> dict[str, int]:
        """Numbers of refused addresses by reason."""
        return dict(self._skipped.invalid)

    @property
    def skipped(self) -> dict[str, int]:
        """Numbers of what was left out, by kind; kinds of which there was nothing are left out."""
        counted = {one.name: getattr(self._skipped, one.name) for one in fields(Skipped)}
        numbers = {name: value for name, value in counted.items() if isinstance(value, int)}
        return {name: value for name, value in {**numbers, "referrers": self._referrers}.items() if value}

    def entries(self) -> Iterator[BacklogEntry]:
        """Every reported address, read to the end of the file. Raises `BacklogUnreadable`, `BacklogTooLarge`."""
        try:
            for one in self._read():
                if one.is_referrer:
                    self._referrers += 1
                else:
                    yield one
        except BacklogUnreadableError:
            raise BacklogUnreadable from None
        while self._file.read(_BUFFER):
            pass

    def _read(self) -> Iterator[BacklogEntry]:
        if self.kind is FileKind.TABLE:
            table = TableReader()
            self._skipped = table.skipped
            return table.read(self._file)
        mailbox = MailboxReader()
        self._skipped = mailbox.skipped
        if self.kind is FileKind.MAILBOX:
            return mailbox.read_mailbox(self._file)
        return mailbox.read_message(self._file.read(MOST_MESSAGE_BYTES + 1))

    def _detected(self) -> FileKind:
        """By the ending of the name, else by the first line."""
        named = _BY_ENDING.get(self.name.rpartition(".")[2].lower())
        if named is not None:
            return named
        begin = self._file.peek(_BUFFER)[:1000]
        if begin.startswith(b"From "):
            return FileKind.MAILBOX
        return FileKind.MESSAGE if _HEADER.match(begin) else FileKind.TABLE
