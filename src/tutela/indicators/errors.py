"""What the register refuses in more than one place; each package has an `errors.py` of its own."""

from tutela.events.errors import Forbidden, Invalid, NotFound, TutelaError
from tutela.exchange.register.release import NO_GRANT


class OutsidePolicy(Invalid):
    """The register's policy in force does not permit this category."""

    field = "classification"


class NoGrant(Forbidden):
    """Your organisation has no grant for this list today."""

    type = NO_GRANT


class NothingChosen(Invalid):
    """Choose entries, or all of them."""

    field = "entry"


class NotJson(TutelaError):
    """The body is not read in this form: send it as application/json, or send none."""

    status = 415
    field = "content-type"


class NoSuchRelease(NotFound):
    """There is no such release."""
