"""Errors of hand-overs."""

from tutela.events.errors import Conflict, NotFound


class UnknownHandOver(NotFound):
    """This hand-over is unknown."""


class NoAgencyKey(Conflict):
    """Your organisation has no API key of this organisation. An administrator enters it."""


class StepOutOfOrder(Conflict):
    """A hand-over in this state cannot take this step."""


class ReferenceTaken(Conflict):
    """Another hand-over of yours has this reference."""


class OtherSide(Conflict):
    """The other organisation records this step at its own desk."""


class NotRefused(Conflict):
    """Only a refused hand-over is handed over again or settled."""
