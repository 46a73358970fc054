"""What is refused of a feed."""

from tutela.events.errors import Invalid


class WindowInFuture(Invalid):
    """The window ends in the future: a clock or a time zone is wrong, and entries would be missed."""

    field = "to"
