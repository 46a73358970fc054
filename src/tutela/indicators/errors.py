"""Errors shared by several register packages; each package also has its own `errors.py`."""

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound, TutelaError
from tutela.exchange.register.release import NO_GRANT


class OutsidePolicy(Invalid):
    """The policy in force does not permit this category."""

    field = "classification"


class KindOutsidePolicy(OutsidePolicy):
    """The policy in force does not let organisations of your kind propose or certify."""


class NoTestEntries(Conflict):
    """The register's policy does not name test entries. Add the category {category} to it."""


class NoActiveIndicator(Invalid):
    """No indicator is active, so no sample can be created."""

    field = "size"


class NoGrant(Forbidden):
    """Your organisation has no grant for this list today."""

    type = NO_GRANT


class FileCut(Invalid):
    """The last line of the file has no line end, so the file may be cut off and nothing was imported. Get the whole
    file. If it is whole, add a line end.
    """

    field = "file"


class NothingChosen(Invalid):
    """Choose entries, or choose all entries."""

    field = "entry"


class NotJson(TutelaError):
    """The request body has the wrong content type. Send application/json, or send no body."""

    status = 415
    field = "content-type"


class NoSuchRelease(NotFound):
    """This release does not exist."""
