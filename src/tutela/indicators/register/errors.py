"""What is refused of the acts on an indicator."""

from tutela.events.errors import Conflict, Invalid, TutelaError


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


class SearchedTooOften(TutelaError):
    """Your organisation searched for too many digests within an hour; search again later."""

    status = 429


class AlreadyRevoked(Conflict):
    """This indicator was revoked before."""
