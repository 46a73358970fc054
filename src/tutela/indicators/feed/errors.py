"""Errors of feed requests."""

from tutela.events.errors import Invalid


class WindowInFuture(Invalid):
    """The time window ends in the future, so entries would be missed. Check the clock and the time zone."""

    field = "to"
