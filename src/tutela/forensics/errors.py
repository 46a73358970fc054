"""Errors of triage. The docstring is the message; `code` is the label in logs."""

from __future__ import annotations

from tutela.scan.errors import ScanError


class TriageError(ScanError):
    """The triage cannot continue."""

    code = "triage"


class AuthorisationError(TriageError):
    """The authorisation is not valid."""

    code = "authorisation"


class CaseExistsError(TriageError):
    """The case folder exists already. Continue with `tutela triage run`."""

    code = "case_exists"


class NoCaseError(TriageError):
    """The folder holds no case. Begin with `tutela triage start`."""

    code = "no_case"


class CaseChangedError(TriageError):
    """A source or list of the case has changed since the start."""

    code = "case_changed"


class WritableSourceError(TriageError):
    """The source is on a writable mount. Mount it read-only, or acknowledge with --writable-source."""

    code = "writable_source"


class NoImageReaderError(TriageError):
    """Disk images can be read where `tutela[forensics]` is installed."""

    code = "no_image_reader"


class SourceUnreadableError(TriageError):
    """The source cannot be read."""

    code = "source_unreadable"


class ListUnreadableError(TriageError):
    """The list cannot be read."""

    code = "list_unreadable"


class GradeError(TriageError):
    """The grade is not valid."""

    code = "grade"


class DisputedError(TriageError):
    """Disputed grades block this export. A third person decides with `tutela triage grade decide`."""

    code = "disputed"
