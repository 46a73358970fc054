"""Errors of the law package."""

from tutela.events.errors import Conflict, Invalid, TutelaError


class NoLegalBasis(TutelaError):
    """No act that is in force and checked allows this detection on this day."""

    status = 422


class NotTheSecondPerson(Conflict):
    """Somebody else must confirm this: the person who recorded it cannot."""


class AlreadyDecided(Conflict):
    """This was confirmed or ended already. Reload the page."""


class NeedsAnAct(Invalid):
    """Detection in interpersonal communications needs an act or a national measure that is checked and has dates."""

    field = "rests_on"


class BadStep(Conflict):
    """The deadline cannot take this step now."""


class UnknownClassification(Invalid):
    """This classification is not a value of an imported scheme."""

    field = "classification"


class NoClassification(UnknownClassification):
    """Enter a classification."""


class UnknownCode(UnknownClassification):
    """“{code}” is not a value of an imported scheme."""


class HoldTooLong(Invalid):
    """A hold can last at most 18 months from the first request."""

    field = "until"
