"""Errors of the observatory."""

from tutela.events.errors import Conflict, Invalid, NotFound


class UnknownRelease(NotFound):
    """This release of figures is unknown."""


class ReleaseWithheld(NotFound):
    """This release shows a figure that is withheld today. Its file is not given out."""


class UnknownForm(NotFound):
    """This form of a return is unknown."""


class UnknownReturn(NotFound):
    """This return is unknown."""


class UnknownDataset(NotFound):
    """This dataset is unknown."""


class PeriodNotOver(Invalid):
    """The period is not over yet. Choose one that has ended."""

    field = "period"


class PeriodOverlaps(Conflict):
    """The period {period} shares days with {other}, which is published. Choose that period again, or one outside it."""

    field = "period"


class NoQueries(Conflict):
    """Your organisation has no figures of this kind."""


class ChainBehind(Conflict):
    """The chain does not have every event yet. Try again in a minute."""


class FiguresDisagree(Conflict):
    """The events and the tables give different figures for {figures}. Nothing is published. Verify the chain first."""


class ReturnFaulty(Invalid):
    """The return has errors: {faults}"""

    field = "content"


class NotAReturn(Invalid):
    """The file is no signed return of a known form: {why}"""

    field = "file"


class ReceivedBefore(Conflict):
    """This return was received before."""


class NotATable(Invalid):
    """The file is no table of this format: {why}"""

    field = "tables"


class ImportedBefore(Conflict):
    """This file was imported before."""


class UnknownImport(NotFound):
    """This import is unknown."""


class UnknownClaim(NotFound):
    """This claim is unknown."""
