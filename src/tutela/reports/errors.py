"""What the reports desk refuses."""

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound, TutelaError


class NotTheProvider(Forbidden):
    """Only a verified provider files reports."""


class ReportKnown(Conflict):
    """A report with this id has been received with other contents."""


class EvidenceNotWanted(Conflict):
    """Nothing is kept for a report that is unfounded, an error or erased."""


class OtherKey(Conflict):
    """The addressee's key is another one now; ask for it again and seal the file anew."""


class FileTooLarge(TutelaError):
    """A sealed file has at most {most} bytes. Preserve it; its digests are in the report."""

    status = 413


class ReferralAnswered(Conflict):
    """This referral has been acknowledged or answered; it is not returned any longer."""


class AlreadyDecided(Conflict):
    """This report has been decided; look again before you decide otherwise."""


class IsDuplicate(Conflict):
    """This report repeats another one and follows it; decide that one."""


class Undone(Forbidden):
    """A lead has declared this an error; only a lead decides anew."""


class AlreadyReferred(Conflict):
    """This report has been referred. If that was wrong, undo it everywhere; nothing else reaches the authority."""


class NothingToRetract(Conflict):
    """Its contents were erased when their time was over; there is nothing left to retract."""


class RetractedBefore(Conflict):
    """You retracted this report before, for another reason; the Centre has that one."""


class RetractedMeanwhile(Conflict):
    """Its provider has retracted this report meanwhile; look again before you decide."""


class RetractionAnswered(Conflict):
    """Somebody has answered this retraction meanwhile; look again."""


class NotRelevantYet(Conflict):
    """Decide relevance before you refer."""


class NotOverridden(Conflict):
    """The rule decided this country; there is no choice of a person's to take back."""


class NoRecipient(Invalid):
    """No verified authority can receive this referral."""


class ReferralUndone(Conflict):
    """This referral was undone; nothing is asked about its report any longer."""


class HoldStands(Conflict):
    """The authority that asked for this hold ends it; here it ends only once that authority is gone."""


class UnknownReferral(NotFound):
    """There is no such referral of yours."""


class NotTakingPart(Conflict):
    """Take part in deconfliction before you ask."""


class AskedBefore(Conflict):
    """This was asked before under the same id."""


class BlindBudgetSpent(Conflict):
    """The day's budget of questions is spent; it was noted, and auditors see it."""


class UnknownRelay(NotFound):
    """There is no such answer to a question of yours."""


class ContactEnded(Conflict):
    """This request has been answered."""


class TooLarge(TutelaError):
    """The message is too large."""

    status = 413
