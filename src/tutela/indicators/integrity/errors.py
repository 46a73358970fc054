"""Errors of alerts."""

from tutela.events.errors import Conflict


class TooManyAlerts(Conflict):
    """Your organisation has too many open alerts, so no more are accepted. Contact the Centre."""
