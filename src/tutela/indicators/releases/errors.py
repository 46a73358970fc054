"""What is refused about releases."""

from tutela.events.errors import Conflict, TutelaError


class NotLoggedYet(Conflict):
    """The newest release is not in the public log yet, or is being replaced; ask again in a minute."""


class ProofsSpent(TutelaError):
    """Your organisation has asked for as many proofs of absence today as it may; ask again tomorrow (UTC)."""

    status = 429
