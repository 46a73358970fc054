"""Codes of the reasons for which an exchange with the source of a partner list failed.

A row stores the code and the technical text of the error, in English.
"""

from __future__ import annotations

from tutela.exchange.feeds.feed import Failed
from tutela.exchange.feeds.http_client import AddressRefusedError, AnswerTooLargeError, NoAnswerError
from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _


class SourceFault(TextCode):
    """Fault of a source."""

    ADDRESS = "source.address", _("The address of the source is not allowed.")
    NO_ANSWER = "source.no_answer", _("The source did not answer.")
    OTHER = "source.other", _("The source could not be read.")
    OVERTAKEN = "source.overtaken", _("Another process stored a page from the same place.")
    TOO_LARGE = "source.too_large", _("The answer of the source is too large.")
    UNUSABLE = "source.unusable", _("The answer of the source cannot be used.")


_OF_ERROR: dict[type[Exception], SourceFault] = {
    AnswerTooLargeError: SourceFault.TOO_LARGE,
    AddressRefusedError: SourceFault.ADDRESS,
    NoAnswerError: SourceFault.NO_ANSWER,
    Failed: SourceFault.UNUSABLE,
}


def fault_of(failure: Exception) -> tuple[str, str]:
    """The code of a failure, and its technical text."""
    code = next((code for kind, code in _OF_ERROR.items() if isinstance(failure, kind)), SourceFault.OTHER)
    return code.value, " ".join(str(failure).split())[:300]
