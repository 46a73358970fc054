"""Errors of the private look-up."""

from tutela.events.errors import TutelaError


class SetNotReady(TutelaError):
    """The set for the private look-up is being prepared. Try again in a few minutes."""

    status = 503
