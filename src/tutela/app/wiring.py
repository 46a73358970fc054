"""Reactions within one organisation, one line each. Between organisations nothing is wired: the outbox carries it."""


def connect() -> None:
    """Subscribe every reaction. Called once, when the applications are ready."""
    from tutela.indicators import register
    from tutela.reports import withdrawal

    register.on_revoked(withdrawal.indicator_revoked)
