"""What the reports desk refuses."""

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound, TutelaError


class NotTheProvider(Forbidden):
    """Only a verified provider files reports."""


class ReportKnown(Conflict):
    """A report with this id has been received with other contents."""


class AlreadyDecided(Conflict):
    """This report has been decided; look again before you decide otherwise."""


class NotRelevantYet(Conflict):
    """Decide relevance before you refer."""


class NoRecipient(Invalid):
    """No verified authority can receive this referral."""


class UnknownReferral(NotFound):
    """There is no such referral of yours."""


class TooLarge(TutelaError):
    """The message is too large."""

    status = 413
