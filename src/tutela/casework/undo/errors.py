"""Errors of undo."""

from tutela.events.errors import Conflict


class AlreadySentOut(Conflict):
    """This has already been sent and can no longer be undone here."""


class AnotherWaits(Conflict):
    """A decision by {name} takes effect in a few seconds. Wait for it, or undo it first."""


class ChangedSince(Conflict):
    """The case has changed since this was decided. Nothing was sent; check it and decide again."""
