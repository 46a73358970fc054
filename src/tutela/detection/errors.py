"""What the provider's desk refuses."""

from tutela.events.errors import Conflict, Forbidden, Invalid, TutelaError
from tutela.exchange.message.problem import FieldError


class TooLarge(TutelaError):
    """The message is larger than one of its kind can be."""

    status = 413
    field = "body"


class UnknownService(Invalid):
    """No service of this name is set up at your desk."""

    field = "service"


class NotFromTheCentre(Forbidden):
    """Only a verified Centre says what became of a report."""


class AlreadyDecided(Conflict):
    """This candidate was decided before."""


class SamePerson(Conflict):
    """The second decision is another person's: you made the first one."""


class NotAPerson(Forbidden):
    """A human being decides; a machine cannot."""


class MustBeOpened(Invalid):
    """Only an exact copy of an entry of the public register may be confirmed unopened; open the item first."""

    field = "how"


class LeadDecides(Forbidden):
    """Two people disagree about this candidate; a lead decides."""


class BudgetSpent(TutelaError):
    """You have seen enough for now. Nothing more can be opened for the day; exact copies need not be opened."""

    status = 429


class NotConfirmed(Invalid):
    """Nothing is reported that nobody has confirmed: say that you have seen it yourself."""

    field = "confirmed"


class DraftChanged(Conflict):
    """Somebody else changed this draft meanwhile; your changes were not saved. Look again."""


class AlreadySent(Conflict):
    """This report is on its way or has arrived; it can no longer be changed."""


class Alone(Conflict):
    """No Centre is joined: hand this report to an authority as a notification, or enter the Centre's key first."""


class RestsOnNothing(Conflict):
    """The indicator behind this report was withdrawn and nobody has opened the item. Discard the draft."""


class AlreadyTold(Conflict):
    """It is recorded already that the user was told."""


class NothingToTell(Conflict):
    """This report has not been sent: there is nothing to tell the user of."""


class Held(Conflict):
    """An authority asked that the user is not told yet."""


class Unseen(Conflict):
    """Nobody has opened this item: it can be reported as the listed item alone, not as new material."""


class CentreAway(TutelaError):
    """The Centre gave no answer ({why}). Nothing is kept of the question.

    Ask again later, or send the report: that waits until the Centre is back.
    """

    status = 503


class CentreRefuses(Invalid):
    """The Centre would not take this report as it is."""

    def __init__(self, errors: tuple[FieldError, ...], detail: str = "") -> None:
        super().__init__()
        self.errors, self.detail = errors, detail


class NotCameBack(Conflict):
    """The Centre has not said that this report is unfounded or an error: there is nothing to give back for it."""


class NothingGivenBack(Conflict):
    """Nobody has said that the user of this report is reinstated: there is nothing to tell them of it."""


class SaidBefore(Conflict):
    """Somebody said otherwise before. Take that back first."""


class UnderWay(Conflict):
    """This report is on its way to a CyberTipline interface; take it back from there first."""


class NoEndpoint(Conflict):
    """No account at a CyberTipline interface is set for this; enter one first."""


class CannotTip(Invalid):
    """The interface would refuse this report."""

    field = "report"


class AlreadyTipped(Conflict):
    """This report is on its way there, or was filed there."""


class NothingToRetract(Conflict):
    """Nothing of this report is open there. What is filed can be taken back only by asking the recipient."""


class NotReceivedYet(Conflict):
    """No Centre has received this report yet; mend or discard it instead."""


class Retracted(Conflict):
    """This report was retracted before; the Centre decides what follows."""


class BadTemplate(Invalid):
    """The address must lie under your organisation's registered media origin and hold {item} once."""

    field = "media_link"
