"""Errors of actions on an indicator."""

from tutela.events.errors import Conflict, Invalid, TutelaError


class SourceTooLong(Invalid):
    """The source must be one line of at most {most} characters."""

    field = "source"


class LegalityNotRead(Invalid):
    """Enter a country, illegal or lawful, and the norm. Example: DE illegal § 184b StGB."""

    field = "legality"


class TooManyCountries(LegalityNotRead):
    """Enter at most {most} countries."""


class NoCountry(LegalityNotRead):
    """{country} is not a country code of ISO 3166-1."""


class NormTooLong(LegalityNotRead):
    """The norm must be one line of at most {most} characters."""


class CountryTwice(LegalityNotRead):
    """Enter each country only once."""


class ShowTheVideo(Invalid):
    """Prove that your organisation holds this video: enter the line of `tutela hash` for your copy, or
    a digest of it.
    """

    field = "line"


class ShowTheDigest(Invalid):
    """This indicator was imported. Enter the digest (SHA-256, SHA-1 or MD5) of your organisation's copy. If the
    indicator has none of these, enter the line of `tutela hash` for your copy on the indicator's page.
    """

    field = "digests"


class NotTheSameItem(Invalid):
    """Nothing that you entered matches this imported indicator. Enter the SHA-256 of the same file. If the indicator
    has no SHA-256, enter the SHA-1 or MD5, which can be forged. If the indicator has no digest, enter the PDQ hash
    of your copy.
    """

    field = "digests"


class NotTheSameVideo(Invalid):
    """Your copy has {listed} % of the listed frames, and {run} different frames in a row. At least {least} % and
    {frames} are needed. Hash your copy with the same --interval, or enter a digest of the same file.
    """

    field = "line"


class AlreadyCertified(Conflict):
    """Your organisation has already certified this indicator."""


class CountsNoLonger(Conflict):
    """Your organisation's certification of this round is invalid: its key was revoked, or it was never signed. Another
    organisation can certify, or the Centre can start a new round.
    """


class NotVouchedFor(Conflict):
    """A certification of this indicator is invalid: its signature fails, or covers other hashes. The Centre must
    decide before anybody can certify this indicator.
    """


class NotCertifiable(Conflict):
    """This indicator was revoked. Propose it again if it belongs in the register."""


class AlreadyDisputed(Conflict):
    """Your organisation already has an open dispute about this indicator."""


class UnderDispute(Conflict):
    """This indicator is suspended. The Centre must decide before anybody can certify it again."""


class NotInDoubt(Conflict):
    """Nobody disputes this indicator now, so there is nothing to decide."""


class SearchedTooOften(TutelaError):
    """Your organisation searched for too many digests within an hour. Search again later."""

    status = 429


class NotActive(Conflict):
    """The indicator is not active."""


class AlreadyRevoked(Conflict):
    """This indicator is already revoked."""
