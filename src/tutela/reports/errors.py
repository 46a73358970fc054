"""Errors of the reports desk."""

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound, TutelaError


class NotTheProvider(Forbidden):
    """Only a verified provider can file reports."""


class ReportKnown(Conflict):
    """A report with this ID and different contents was already received."""


class EvidenceNotWanted(Conflict):
    """No file is kept for a report that is unfounded, erroneous or erased."""


class OtherKey(Conflict):
    """The recipient's key has changed. Request the new key and seal the file again."""


class FileTooLarge(TutelaError):
    """A sealed file has at most {most} bytes. Preserve the file; the report has its digests."""

    status = 413


class ReferralAnswered(Conflict):
    """This referral was acknowledged or answered and can no longer be returned."""


class AlreadyDecided(Conflict):
    """This report has already been decided. Check it again before you decide differently."""


class DecidedBy(AlreadyDecided):
    """{name} has already decided this report. Check it again before you decide differently."""


class SameDecision(Conflict):
    """{name} has already decided this. Nothing was changed."""


class NotCertifiedAlone(Conflict):
    """Not every item of this report is an exact copy of a certified item. Open the report and decide it."""


class UrgentIsRead(Conflict):
    """This report is urgent. Open the report and decide it."""


class IsDuplicate(Conflict):
    """This report is a duplicate. Decide the report that it duplicates."""


class Undone(Forbidden):
    """A lead declared this report an error. Only a lead can decide it again."""


class AlreadyReferred(Conflict):
    """This report was referred. If the referral was wrong, undo it everywhere; nothing else reaches the authority."""


class NothingToRetract(Conflict):
    """The contents of this report were erased at the end of their retention period, so nothing is left to retract."""


class RetractedBefore(Conflict):
    """You already retracted this report for another reason. The Centre has that reason."""


class RetractedMeanwhile(Conflict):
    """The provider has retracted this report in the meantime. Check the report again before you decide."""


class RetractionAnswered(Conflict):
    """Someone has answered this retraction in the meantime. Check the report again."""


class NotRelevantYet(Conflict):
    """Decide the relevance of the report before you refer it."""


class NotOverridden(Conflict):
    """The rule decided this country. There is no manual choice to undo."""


class NoRecipient(Invalid):
    """No verified authority can receive this referral."""


class ReferralUndone(Conflict):
    """This referral was undone. Nothing more is requested for its report."""


class HoldStands(Conflict):
    """Only the authority that asked for this hold can end it. This node can end the hold only once that authority is
    no longer verified.
    """


class UnknownReferral(NotFound):
    """You have no referral with this ID."""


class NotTakingPart(Conflict):
    """Take part in deconfliction before you ask."""


class AskedBefore(Conflict):
    """A request with this ID was already made."""


class BlindBudgetSpent(Conflict):
    """The daily limit for requests is used up. The attempt was recorded and auditors can see it."""


class UnknownRelay(NotFound):
    """None of your requests has such an answer."""


class ContactEnded(Conflict):
    """This request was already answered."""


class TooLarge(TutelaError):
    """The message is too large."""

    status = 413
