"""Errors of the search over all desks. None of them repeats the value that was searched for."""

from tutela.events.errors import Invalid, TutelaError


class SearchedTooMuch(TutelaError):
    """You have reached the limit of searches in one hour. Try again later."""

    status = 429


class ComparedTooOften(TutelaError):
    """This search was compared too often today. Ask the organisation for the text again tomorrow."""

    status = 429


class NotAValue(Invalid):
    """Enter a number, a digest, an account, an e-mail address, an IP address, a file reference or words."""

    field = "q"


class ReasonNeeded(Invalid):
    """Choose a reason, or enter the number of your case, to search for a person, an account or an IP address."""

    field = "reason"


class UnknownCase(Invalid):
    """No report, referral or draft that you may see has this number. Correct the number, or choose a reason."""

    field = "case"
