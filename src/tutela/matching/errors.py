"""Errors of matching. The docstring is the message."""

from __future__ import annotations


class MatchingError(Exception):
    """Matching failed."""

    def __init__(self, detail: str = "") -> None:
        message = type(self).__doc__ or ""
        super().__init__(f"{message} {detail}".strip())
        self.detail = detail


class SnapshotError(MatchingError):
    """The snapshot cannot be used."""


class SnapshotForeignError(SnapshotError):
    """This file is not a snapshot of a version that this program reads."""


class SnapshotTruncatedError(SnapshotError):
    """The snapshot is shorter or longer than its header states: it was not written completely."""


class SnapshotDamagedError(SnapshotError):
    """The snapshot's bytes differ from the written ones."""


class HashShapeError(MatchingError):
    """Hashes must be an array of unsigned bytes, 32 per row."""


class IndexFileError(MatchingError):
    """The index file cannot be used."""


class IndexFileForeignError(IndexFileError):
    """This file is not an index of a version that this program reads."""


class IndexFileTruncatedError(IndexFileError):
    """The index file is shorter or longer than its header states: it was not written completely."""


class IndexFileDamagedError(IndexFileError):
    """The index file's bytes differ from the written ones."""


class IndexFileKeyError(IndexFileError):
    """The index file cannot be decrypted with this key for this list."""
