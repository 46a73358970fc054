"""Errors of undo."""

from tutela.events.errors import Conflict


class AlreadySentOut(Conflict):
    """This has already been sent and can no longer be undone here."""


class AnotherWaits(Conflict):
    """A decision by {name} takes effect in a few seconds. Wait for it, or undo it first."""
