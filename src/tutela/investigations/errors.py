"""What the authority's desk refuses."""

from tutela.events.errors import Conflict, Forbidden


class NotACentre(Forbidden):
    """Only a verified Centre sends referrals and withdrawals."""


class AlreadyAcknowledged(Conflict):
    """This referral has been acknowledged."""


class ForAnother(Conflict):
    """This file is from or for {authority}, and not between this authority and its Centre."""


class AlreadyReturned(Conflict):
    """This referral went back to the Centre."""


class FilesWait(Conflict):
    """Fetch the sealed files first, and say that you have them: the Centre deletes them when you acknowledge."""


class NotAcknowledged(Conflict):
    """Acknowledge the referral first."""


class AlreadyClosed(Conflict):
    """This referral is closed."""


class NoHold(Conflict):
    """You have asked for no hold on this report, or it has ended."""
