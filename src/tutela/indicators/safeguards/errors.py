"""Errors of safeguards: material held or refused as anomalous, or beyond a limit."""

from tutela.events.errors import Conflict, TutelaError


class HeldForFlood(Conflict):
    """Too much was proposed within an hour, by one person or the organisation. The Centre must check this first."""


class TooManyRefusals(HeldForFlood):
    """Your proposals are held by a rate limit: too much of what was submitted was refused. Ask the Centre to release
    the hold.
    """


class HeldAsOutlier(Conflict):
    """This proposal does not look like assessed material. The Centre must check it before anybody can certify it."""


class ImportRefused(Conflict):
    """The Centre has refused this import as unusual. No more of this import is accepted."""


class FramesNotPassed(Conflict):
    """{count} frames of this video look like a lawful picture, or like material judged not to be CSAM since the
    proposal. After the Centre has revoked the indicator, the video may be proposed again without these frames.
    """


class SaidTooOften(TutelaError):
    """Your organisation has changed its feedback on this indicator {most} times today. Send this feedback again
    tomorrow (UTC): only then does it count.
    """

    status = 429
