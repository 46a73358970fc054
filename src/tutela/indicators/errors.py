"""What the register refuses."""

from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound, TutelaError
from tutela.exchange.register.release import NO_GRANT


class QualityTooLow(Invalid):
    """A PDQ hash needs a quality of at least 50; flatter pictures match innocent ones."""

    field = "pdq"


class NoUsableHash(Invalid):
    """Give at least one SHA-256, or a PDQ hash with its quality."""

    field = "sha256"


class ResemblesLawful(Invalid):
    """This is, or looks like, a picture of the lawful reference set; it cannot be an indicator."""

    field = "pdq"


class NotLoggedYet(Conflict):
    """The newest release is not in the public log yet, or is being replaced; ask again in a minute."""


class SetNotReady(TutelaError):
    """The set of the private look-up is being made; ask again in some minutes."""

    status = 503


class TooManyHashes(Invalid):
    """An entry has at most {most} hashes, and this one has {many}: leave out windows, or frames that are alike."""

    field = "hashes"


class LineNotRead(Invalid):
    """This is not a line of `tutela hash`; paste one whole line of its output."""

    field = "line"


class NotText(Invalid):
    """The file is not text in UTF-8, nor in UTF-16 with a byte order mark; save what `tutela hash` printed as UTF-8."""

    field = "file"


class FramesNotRead(Invalid):
    """The frames of the video cannot be used: {reason}"""

    field = "frames"


class TooFewFrames(Invalid):
    """A video needs {least} different frames of a quality of 50 or more; of {told} frames {usable} are. Hash a short
    one with a shorter --interval, or propose it by its digests alone."""

    field = "frames"


class MostlyLawful(Invalid):
    """{count} of {shown} frames are, or look like, lawful pictures; such a video cannot be an indicator."""

    field = "frames"


class MostlyJudged(MostlyLawful):
    """{count} of {shown} frames are, or look like, lawful pictures, or what was judged not to be CSAM; such a video
    cannot be an indicator."""


class ShowTheVideo(Invalid):
    """Show that your organisation holds this video: give the line of `tutela hash` for your copy, or a digest of it."""

    field = "line"


class ShowTheDigest(Invalid):
    """It came by an import: give the digest (SHA-256, SHA-1 or MD5) of what your organisation holds of it. If it has
    none of these, give the line of `tutela hash` for your copy on its own page."""

    field = "digests"


class NotTheSameItem(Invalid):
    """It came by an import, and nothing of what you gave is of this entry: give the SHA-256 of the same file; where
    the entry has none, its SHA-1 or MD5, which can be forged; where it has none of these, the PDQ hash of your copy."""

    field = "digests"


class NotTheSameVideo(Invalid):
    """Your copy holds {listed} % of the listed frames, and {run} different ones on end; {least} % and {frames} are
    needed. Hash it with the same --interval, or give a digest of the same file."""

    field = "line"


class WindowTooSmall(Invalid):
    """A window of a listed picture covers at least 64 % of it; less is not the listed picture any more."""

    field = "covers"


class ListReplaced(Conflict):
    """Somebody else has replaced or undone this list meanwhile: look at what it holds now, and begin again."""

    field = "list_id"


class FileChanged(Conflict):
    """The file changed while it was read. Nothing was withdrawn from the list; give the whole file again."""

    field = "file"


class AlreadyCertified(Conflict):
    """Your organisation stands behind this indicator already."""


class CountsNoLonger(Conflict):
    """Your organisation's certification of this round does not count: its key was revoked, or it was never signed.
    Others may certify it, or the Centre begins a new round."""


class NotVouchedFor(Conflict):
    """A certification of this indicator does not hold: its signature fails, or covers other hashes. The Centre decides
    before anybody certifies it."""


class NotCertifiable(Conflict):
    """This indicator was revoked; propose it anew if it belongs in the register."""


class AlreadyDisputed(Conflict):
    """Your organisation has an open dispute about this indicator already."""


class UnderDispute(Conflict):
    """This indicator is suspended; the Centre decides before anybody certifies it again."""


class NotInDoubt(Conflict):
    """Nobody doubts this indicator now; there is nothing to decide."""


class ImportsCertify(Conflict):
    """An import certifies what it proposes, and your organisation certifies with security keys or by two people:
    propose on the page."""


class OutsidePolicy(Invalid):
    """The register's policy in force does not permit this category."""

    field = "classification"


class PolicyRefused(Invalid):
    """This policy cannot be taken in."""

    field = "policy"


class HeldForFlood(Conflict):
    """The organisation proposed more in an hour than the policy allows; the Centre looks at it first."""


class ToldTooOften(HeldForFlood):
    """Proposing is held for your organisation: too much of what it gave was refused. Ask the Centre to release it."""


class SearchedTooOften(TutelaError):
    """Your organisation searched for too many digests within an hour; search again later."""

    status = 429


class HeldAsOutlier(Conflict):
    """This proposal does not look like what somebody assessed; the Centre looks at it before anybody certifies it."""


class ImportRefused(Conflict):
    """The Centre has refused this import as unusual; nothing more of it is taken."""


class AlreadyRevoked(Conflict):
    """This indicator was revoked before."""


class JudgedNotCsam(Invalid):
    """{number} was judged not to be CSAM, and this is the same or looks like it; the Centre clears that first."""


class FramesNotPassed(Conflict):
    """{count} of its frames look like a lawful picture, or like what was judged not to be CSAM since it was proposed.
    Once the Centre has revoked it, it may be proposed anew without them."""


class KnownItem(Conflict):
    """An indicator with this digest exists already; certify that one instead."""


class WouldShrink(Conflict):
    """The file would withdraw {withdrawn} of {live} entries. If that is right, allow it: --allow-shrink."""

    field = "file"


class NothingToUndo(Conflict):
    """There is nothing to undo: no file replaced this list within the last 30 days."""


class NoGrant(Forbidden):
    """Your organisation has no grant for this list today."""

    type = NO_GRANT


class WindowInFuture(Invalid):
    """The window ends in the future: a clock or a time zone is wrong, and entries would be missed."""

    field = "to"


class NothingChosen(Invalid):
    """Choose entries, or all of them."""

    field = "entry"


class BudgetSpent(TutelaError):
    """Your organisation has asked as much today as its grant allows; ask again tomorrow, or have the grant changed."""

    status = 429


class ProofsSpent(TutelaError):
    """Your organisation has asked for as many proofs of absence today as it may; ask again tomorrow (UTC)."""

    status = 429


class SaidTooOften(TutelaError):
    """Your organisation has changed its word on this entry {most} times today; what it says now counts tomorrow (UTC),
    if it says it again."""

    status = 429


class NotJson(TutelaError):
    """The body is not read in this form: send it as application/json, or send none."""

    status = 415
    field = "content-type"


class TooManyAlarms(Conflict):
    """So many alarms of your organisation are open that no more are taken; talk to the Centre."""


class NoSuchRelease(NotFound):
    """There is no such release."""


class FileTooLarge(Invalid):
    """The file is larger than {most} MB: divide it, or ask the node's operator to run tutela import."""

    field = "file"


class TooManyLines(Invalid):
    """The file has more than {most} entries: divide it, or ask the node's operator to run tutela import."""

    field = "file"


class FileNotRead(Invalid):
    """The file cannot be read."""

    field = "file"


class FileCut(Invalid):
    """The file ends in the middle of line {line}: nothing of it was taken. Get the whole file and give it again."""

    field = "file"
