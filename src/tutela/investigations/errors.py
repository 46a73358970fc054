"""Errors of the authority's desk."""

from tutela.events.errors import Conflict, Forbidden, NotFound
from tutela.organisations.errors import KeyReused


class NotACentre(Forbidden):
    """Only a verified Centre can send referrals and withdrawals."""


class AlreadyAcknowledged(Conflict):
    """This referral has already been acknowledged."""


class ForAnother(Conflict):
    """This package is from or for {authority}. A package must be between this authority and its Centre."""


class AlreadyReturned(Conflict):
    """This referral was already returned to the Centre."""


class FilesWait(Conflict):
    """Download the sealed files first, and confirm that you have them. The Centre deletes them when you acknowledge."""


class NotAcknowledged(Conflict):
    """Acknowledge the referral first."""


class AlreadyClosed(Conflict):
    """This referral is closed."""


class FormReused(KeyReused):
    """This form was already sent with other content. Open the page again and enter the content there."""


class NoHold(Conflict):
    """You requested no hold on this report, or the hold has ended."""


class NotTakingPart(Conflict):
    """This authority does not take part in deconfliction."""


class NoCentre(Conflict):
    """Questions go through a Centre, and this node has none."""


class NobodyToAsk(Conflict):
    """Enter an identifier before you ask."""


class TooMany(Conflict):
    """This number of identifiers cannot be published. Withdraw those that you no longer need."""


class AlreadyAsked(Conflict):
    """You have already requested this contact."""


class AlreadyDecided(Conflict):
    """This request was already answered."""


class OwnBudgetSpent(Conflict):
    """This authority has reached its daily limit of answers to questions."""


class UnknownQuestion(NotFound):
    """This question is unknown on this node."""
