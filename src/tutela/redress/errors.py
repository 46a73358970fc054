"""Errors of redress."""

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound


class UnknownComplaint(NotFound):
    """This complaint is unknown."""


class UnknownReversal(NotFound):
    """This reversal is unknown."""


class UnknownDrill(NotFound):
    """This drill is unknown."""


class UnknownDataRequest(NotFound):
    """This request is unknown."""


class UnknownBreach(NotFound):
    """This breach is unknown."""


class DecidedBefore(Forbidden):
    """You took part in the decision that is complained about. Another person must decide."""


class ComplaintDecided(Conflict):
    """This complaint is already decided or closed."""


class ComplaintDecidedBy(ComplaintDecided):
    """{name} has already decided this complaint. Nothing was changed."""


class NotDecidedYet(Conflict):
    """This complaint is not decided yet."""


class NoMeasure(Conflict):
    """Record the measure that is complained about first."""


class NoProof(Conflict):
    """Nobody has proved yet that the account is the complainant's. Ask for proof first."""


class ProvedBefore(Conflict):
    """The account of this complaint is already proved."""


class WrongCode(Invalid):
    """This does not fit. Check it and try again, or write to us here."""

    field = "code"


class NobodyElse(Conflict):
    """Record who decided on the measure, so that somebody else decides now."""


class WindowClosed(Conflict):
    """The complaint came more than six months after the person was informed. You can still accept it with a reason."""


class UnknownReport(Invalid):
    """Your organisation has no report with this number."""

    field = "report"


class HopAnswered(Conflict):
    """This step is already answered."""


class ReversalEnded(Conflict):
    """This reversal is already answered by every recipient."""


class OtherReversal(Conflict):
    """A different reversal with this ID was received before."""


class NotConcerned(NotFound):
    """Your organisation has sent nothing that this reversal names."""


class NoMisuse(Conflict):
    """The rule on misuse does not apply: {unfounded} manifestly unfounded complaints in {days} days."""


class NotWarned(Conflict):
    """Warn the complainant first. A suspension is possible after the next manifestly unfounded complaint."""


class SuspendedAlready(Conflict):
    """The handling of this complainant's complaints is already suspended."""


class NotSuspended(Conflict):
    """The handling of this complainant's complaints is not suspended."""


class NoAccount(Conflict):
    """Enter the account of the complainant first. The rule on misuse counts by account."""


class RequestAnswered(Conflict):
    """This request is already answered."""


class NotIdentified(Conflict):
    """Record how the person was identified first."""


class HeldCase(Conflict):
    """A hold is in effect on this case. Refuse with a ground that the letter does not name."""


class NotIndirect(Conflict):
    """Only a request through the supervisory authority has this answer."""


class ReviewClosed(Conflict):
    """This review is already closed."""


class BreachStepTwice(Conflict):
    """This notice is already recorded."""


class TooLate(Invalid):
    """The notice comes more than 72 hours after you became aware. Enter the reasons for the delay."""

    field = "text"


class OpenWork(Conflict):
    """Complaints or reversals are still open: {open}. Answer them, or name who continues them."""


class TooFewCertifiers(Conflict):
    """A drill needs two organisations in two countries that take part and ask for no security key."""
