"""Errors of the on-call roster."""

from tutela.events.errors import Conflict


class SameShift(Conflict):
    """This person has a shift with the same weekdays and times already."""

    field = "person"


class AlreadyEnded(Conflict):
    """This shift has ended already. Reload the page."""
