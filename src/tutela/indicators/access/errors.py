"""What a grant does not cover."""

from tutela.events.errors import TutelaError


class BudgetSpent(TutelaError):
    """Your organisation has asked as much today as its grant allows; ask again tomorrow, or have the grant changed."""

    status = 429
