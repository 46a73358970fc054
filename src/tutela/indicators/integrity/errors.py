"""What is refused of alarms."""

from tutela.events.errors import Conflict


class TooManyAlarms(Conflict):
    """So many alarms of your organisation are open that no more are taken; talk to the Centre."""
