"""Errors of the provider desk."""

from tutela.events.errors import Conflict, Forbidden, Invalid, TutelaError
from tutela.exchange.message.problem import FieldError


class TooLarge(TutelaError):
    """The message is larger than its kind allows."""

    status = 413
    field = "body"


class UnknownService(Invalid):
    """Your desk has no service with this name."""

    field = "service"


class NotFromTheCentre(Forbidden):
    """Only a verified Centre can report the outcome of a report."""


class AlreadyDecided(Conflict):
    """This candidate was already decided, was withdrawn or has expired."""


class DecidedBy(AlreadyDecided):
    """{name} has already decided this candidate. Nothing was changed."""


class SetAside(Conflict):
    """The entry is stopped at your organisation while a dispute about it is decided. Decide after the stop."""


class SamePerson(Conflict):
    """You made the first decision, so another person must make the second."""


class NotAPerson(Forbidden):
    """A person must decide; an API client cannot."""


class MustBeOpened(Invalid):
    """Only an exact copy of an indicator in the public register can be confirmed unopened. Open the item first."""

    field = "how"


class LeadDecides(Forbidden):
    """Two people disagree about this candidate. A lead decides."""


class BudgetSpent(TutelaError):
    """You have reached your daily limit. You cannot open more items today; exact copies need not be opened."""

    status = 429


class NotConfirmed(Invalid):
    """Only confirmed items are reported. State that you have seen the item yourself."""

    field = "confirmed"


class DraftChanged(Conflict):
    """Someone else changed this draft in the meantime. Your changes were not saved. Check the draft again."""


class AlreadySent(Conflict):
    """This report is being sent or has arrived and can no longer be changed."""


class Alone(Conflict):
    """No Centre is connected. Submit this report to an authority as a notification, or enter the Centre's key first."""


class RestsOnNothing(Conflict):
    """The indicator that this report matched was withdrawn, and nobody has opened the item. Discard the draft."""


class WithoutAddress(Conflict):
    """This report has no IP address. Add one, or tick "Send without an address" and send it again."""


class AlreadyTold(Conflict):
    """The notice to the user is already recorded."""


class NothingToTell(Conflict):
    """This report has not been sent, so there is nothing to notify the user about."""


class Held(Conflict):
    """An authority asked that the user is not notified yet."""


class Unseen(Conflict):
    """Nobody has opened this item, so it can only be reported as the listed item, not as new material."""


class CentreAway(TutelaError):
    """The Centre did not answer ({why}). The question was not stored. Ask again later, or send the report: the report
    waits until the Centre is back.
    """

    status = 503


class CentreRefuses(Invalid):
    """The Centre would refuse this report as it is."""

    def __init__(self, errors: tuple[FieldError, ...], detail: str = "") -> None:
        super().__init__()
        self.errors, self.detail = errors, detail


class NotCameBack(Conflict):
    """The Centre has not found this report unfounded or erroneous, so there is nothing to reinstate."""


class NothingGivenBack(Conflict):
    """No reinstatement is recorded for the user of this report, so there is nothing to notify them about."""


class SaidBefore(Conflict):
    """A different outcome is already recorded. Withdraw it first."""


class UnderWay(Conflict):
    """This report is being sent to a CyberTipline interface. Withdraw it there first."""


class NoEndpoint(Conflict):
    """No CyberTipline account is set up for this use. Enter one first."""


class CannotTip(Invalid):
    """The interface would refuse this report."""

    field = "report"


class AlreadyTipped(Conflict):
    """This report is already being sent there, or was filed there."""


class NothingToRetract(Conflict):
    """Nothing of this report is open there. A filed report can be withdrawn only by asking the recipient."""


class NotReceivedYet(Conflict):
    """No Centre has received this report yet. Correct or discard it instead."""


class Retracted(Conflict):
    """This report was already retracted. The Centre decides what follows."""


class BadTemplate(Invalid):
    """The address must be under your organisation's registered media origin and contain {item} exactly once."""

    field = "media_link"
