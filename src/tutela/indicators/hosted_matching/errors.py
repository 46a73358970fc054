"""What the private look-up refuses."""

from tutela.events.errors import TutelaError


class SetNotReady(TutelaError):
    """The set for the private look-up is being prepared. Try again in a few minutes."""

    status = 503
