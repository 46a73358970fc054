"""Errors of the register's policy."""

from tutela.events.errors import Invalid


class PolicyRefused(Invalid):
    """This policy cannot be accepted."""

    field = "policy"
