"""Errors of mandates."""

from tutela.events.errors import Conflict


class NotTheSecondPerson(Conflict):
    """Another administrator must confirm this: the person who recorded it cannot."""


class AlreadyDecided(Conflict):
    """This record was confirmed or withdrawn already. Reload the page."""
