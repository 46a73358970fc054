"""Errors of a scan. The docstring is the message; `code` is the label in logs."""

from __future__ import annotations

from typing import ClassVar


class ScanError(Exception):
    """The scan cannot continue."""

    code: ClassVar[str] = "scan"

    def __init__(self, detail: str = "") -> None:
        message = type(self).__doc__ or ""
        super().__init__(f"{message} {detail}".strip())
        self.detail = detail


class JournalForeignError(ScanError):
    """This file is not the journal of a scan."""

    code = "journal_foreign"


class JournalDiffersError(ScanError):
    """The journal was started with other lists or options."""

    code = "journal_differs"
