"""What the authority's desk refuses."""

from tutela.events.errors import Conflict, Forbidden, NotFound
from tutela.organisations.errors import KeyReused


class NotACentre(Forbidden):
    """Only a verified Centre sends referrals and withdrawals."""


class AlreadyAcknowledged(Conflict):
    """This referral has been acknowledged."""


class ForAnother(Conflict):
    """This package is from or for {authority}, and not between this authority and its Centre."""


class AlreadyReturned(Conflict):
    """This referral went back to the Centre."""


class FilesWait(Conflict):
    """Fetch the sealed files first, and say that you have them: the Centre deletes them when you acknowledge."""


class NotAcknowledged(Conflict):
    """Acknowledge the referral first."""


class AlreadyClosed(Conflict):
    """This referral is closed."""


class FormReused(KeyReused):
    """This form was sent before and said something else: open the page anew, and say it there."""


class NoHold(Conflict):
    """You have asked for no hold on this report, or it has ended."""


class NotTakingPart(Conflict):
    """This authority does not take part in deconfliction."""


class NoCentre(Conflict):
    """There is no Centre to ask through."""


class NobodyToAsk(Conflict):
    """Enter an identifier before you ask."""


class TooMany(Conflict):
    """So many identifiers cannot be published; take back what is no longer needed."""


class AlreadyAsked(Conflict):
    """You have asked for this contact."""


class AlreadyDecided(Conflict):
    """This request has been answered."""


class OwnBudgetSpent(Conflict):
    """This authority has answered as many questions today as it answers in a day."""


class UnknownQuestion(NotFound):
    """No such question was asked here."""
