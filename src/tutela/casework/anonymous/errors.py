"""Errors of anonymous conversations. None of them tells whether a case exists."""

from tutela.events.errors import Conflict, Invalid, NotFound, TutelaError


class EmptyMessage(Invalid):
    """Write a message before you send the form."""

    field = "text"


class LongMessage(Invalid):
    """The message has more than {most} characters. Shorten it, or send it in two parts."""

    field = "text"


class UnknownConversation(NotFound):
    """The case number and the passphrase do not belong to an open case. Check both and try again."""

    status = 422


class FormExpired(Invalid):
    """This form was open too long, or was sent already. Send it again."""

    field = "ticket"


class TooSoon(TutelaError):
    """The form was sent too soon. Wait, then send it again. Seconds to wait: {wait}"""

    status = 422


class WrongProof(Invalid):
    """Your browser's proof of work is not valid. Send the form again."""

    field = "proof"


class Later(TutelaError):
    """Too many messages arrive at this moment. Nothing was stored. Send the form again in an hour."""

    status = 429


class EntryAdded(Conflict):
    """Somebody wrote in this conversation in the meantime. Read it before you send your text."""


class AlreadyClosed(Conflict):
    """This conversation is closed. Nothing can be added."""
