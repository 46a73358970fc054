"""Errors of removal requests."""

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound, TutelaError


class OnlyJson(TutelaError):
    """Only fingerprints as JSON are received here. No file is."""

    status = 415


class LargeBody(TutelaError):
    """The message is larger than {most} bytes. Only fingerprints are received here, one picture at a time."""

    status = 413


class UnknownRequest(NotFound):
    """This removal request is unknown."""


class UnknownHost(NotFound):
    """This host is unknown."""


class UnknownFoundItem(NotFound):
    """This item is unknown."""


class UnknownSending(NotFound):
    """No hashes with this ID were sent to your organisation, or by it."""


class RequestEnded(Conflict):
    """This request is closed or withdrawn."""


class RequestPaused(Conflict):
    """This request is paused. Resume it first."""


class NotPaused(Conflict):
    """This request is not paused."""


class NothingToSend(Conflict):
    """Nothing can be sent: no fingerprint is free, or every chosen host has them already."""


class NothingToHandOver(Conflict):
    """This request has no address that is not with a hotline."""


class NoHotlineKey(Conflict):
    """Your organisation has no API key of this hotline. An administrator enters it."""


class NoMatchService(Conflict):
    """Your organisation has no API key of a Centre's match service. An administrator enters it."""


class NoMandate(Forbidden):
    """The mandate has ended, or does not cover this."""


class MandateOver(Conflict):
    """This mandate has already ended."""


class NoFlag(Conflict):
    """No rule holds this fingerprint back."""


class AccessGiven(Conflict):
    """The person in the pictures has access already."""


class AdultsOnly(Invalid):
    """StopNCII is for pictures of adults only. Choose Take It Down or Report Remove."""

    field = "shape"


class NotInScheme(Forbidden):
    """Your organisation has not accepted the scheme of this organisation."""


class AnotherMessage(Conflict):
    """Another message with this ID and sequence was received before."""


class CannotOpenHashes(Invalid):
    """The hashes cannot be opened with this host's key. Use the recipient of its newest terms, and send them again."""

    field = "sealed"


class NotLookedAt(Conflict):
    """Open the item before you decide."""


class ItemDecided(Conflict):
    """{name} has already decided about this item. Nothing was changed."""


class ItemGone(Conflict):
    """The request for this item was withdrawn or has expired. Nothing needs to be decided."""


class DailyLimit(TutelaError):
    """You have reached your daily limit. Open the item tomorrow, or ask a colleague."""

    status = 429


class NotAPerson(Forbidden):
    """Only a person opens and decides items."""


class StatusOutOfOrder(Conflict):
    """This status contradicts an earlier one."""


class UnknownInformationRequest(NotFound):
    """This information request is unknown."""


class RequestAnswered(Conflict):
    """This request is already answered."""


class RequestNotAnswered(Conflict):
    """Answer the request first. The answer says everything that is known until then."""


class NoLetterDue(Conflict):
    """Nobody waits for a letter about a sighting: nothing new was seen, or it may not be told."""


class IdentityNotProved(Conflict):
    """Check the identity of the person who asks, and delete the proof, before you answer."""


class NotOwnItem(Conflict):
    """Facts are recorded only about items of the person in the pictures."""


class WishNotRecorded(Conflict):
    """Hear the child alone first, and record the child's own wish."""


class ConflictNotExcluded(Conflict):
    """Record first that a conflict of interest is excluded."""


class HeldInformation(Conflict):
    """A hold is in effect. Only the neutral answer is possible."""

    field = "given"


class AnswerNotDelivered(Conflict):
    """The person can no longer read the conversation. Only the neutral answer is possible, and nobody gets it."""

    field = "given"


class UnknownSupportCase(NotFound):
    """This support case is unknown."""


class SupportCaseClosed(Conflict):
    """This support case is closed. Open it again first."""


class SupportStillOpen(Conflict):
    """Close the case when treatment and follow-up have ended, and no hand-over is open."""


class BadSupportStep(Conflict):
    """This state cannot follow the present one."""


class UnknownService(NotFound):
    """This service is unknown."""


class UnknownVaultKey(NotFound):
    """This hardware key is unknown."""


class NoVaultAccess(Forbidden):
    """The vault opens only with your own admitted hardware key."""


class LastVaultKey(Conflict):
    """Admit another hardware key first: this is the last one that opens the identities of the vault."""


class NoIdentity(NotFound):
    """No identity is stored for this case."""


class VaultKeyAdmitted(Conflict):
    """This hardware key was admitted, or has ended, already."""


class UnknownInput(NotFound):
    """This input is unknown."""


class InputWithdrawn(Conflict):
    """The survivor withdrew this input."""


class UnknownReturn(NotFound):
    """This return is unknown."""
