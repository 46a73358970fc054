"""What is held or refused because it is unusual, or too much."""

from tutela.events.errors import Conflict, TutelaError


class HeldForFlood(Conflict):
    """The organisation proposed more in an hour than the policy allows; the Centre looks at it first."""


class ToldTooOften(HeldForFlood):
    """Proposing is held for your organisation: too much of what it gave was refused. Ask the Centre to release it."""


class HeldAsOutlier(Conflict):
    """This proposal does not look like what somebody assessed; the Centre looks at it before anybody certifies it."""


class ImportRefused(Conflict):
    """The Centre has refused this import as unusual; nothing more of it is taken."""


class FramesNotPassed(Conflict):
    """{count} of its frames look like a lawful picture, or like what was judged not to be CSAM since it was proposed.
    Once the Centre has revoked it, it may be proposed anew without them."""


class SaidTooOften(TutelaError):
    """Your organisation has changed its word on this entry {most} times today; what it says now counts tomorrow (UTC),
    if it says it again."""

    status = 429
