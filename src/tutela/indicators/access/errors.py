"""Errors of register access: a request outside a grant."""

from tutela.events.errors import TutelaError


class BudgetSpent(TutelaError):
    """Your organisation has used today's quota of its grant. Ask again tomorrow, or have the grant changed."""

    status = 429
