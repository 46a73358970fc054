"""Errors of releases."""

from tutela.events.errors import Conflict, TutelaError


class NotLoggedYet(Conflict):
    """The newest release is not in the public log yet, or is being replaced. Try again in a minute."""


class ProofsSpent(TutelaError):
    """Your organisation has reached its daily limit of proofs of absence. Try again tomorrow (UTC)."""

    status = 429
