"""What the private look-up refuses."""

from tutela.events.errors import TutelaError


class SetNotReady(TutelaError):
    """The set of the private look-up is being made; ask again in some minutes."""

    status = 503
