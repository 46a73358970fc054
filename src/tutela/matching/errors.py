"""What can go wrong in matching. The docstring is the message."""

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
