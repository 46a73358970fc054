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
    """The snapshot is shorter or longer than it says: it was not written to its end."""


class SnapshotDamagedError(SnapshotError):
    """The snapshot's bytes are not those that were written."""


class HashShapeError(MatchingError):
    """Hashes are given as an array of unsigned bytes, 32 a row."""


class IndexFileError(MatchingError):
    """The index file cannot be used."""


class IndexFileForeignError(IndexFileError):
    """This file is not an index of a version that this program reads."""


class IndexFileTruncatedError(IndexFileError):
    """The index file is shorter or longer than it says: it was not written to its end."""


class IndexFileDamagedError(IndexFileError):
    """The index file's bytes are not those that were written."""


class IndexFileKeyError(IndexFileError):
    """The index file does not open with this key for this list."""
