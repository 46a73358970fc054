"""Codes of the reasons for which a CyberTipline interface does not get a report."""

from __future__ import annotations

from typing import Any

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _


class TipFault(TextCode):
    """`detail` is what the recipient answered, or a technical text, as it came."""

    ANSWERED = "tip.answered", _("The recipient answered: {detail}")
    DIFFERENT_BYTES = "tip.different_bytes", _("The received bytes differ from the forwarded bytes.")
    ERASED = "tip.erased", _("Erased before it was filed.")
    FAILED = "tip.failed", _("The call failed: {detail}")
    GONE = "tip.gone", _("The recipient no longer has the report ({answer}); it is sent again.")
    NO_NUMBER = "tip.no_number", _("The answer contains no number.")
    NO_STORAGE = "tip.no_storage", _("Your storage has no address or no key for this item.")
    OTHER_FILE = (
        "tip.other_file",
        _("Your storage has another file under this name than the one that was reported."),
    )
    STORAGE_FAILED = "tip.storage_failed", _("Your storage cannot be read: {detail}")
    STORAGE_STATUS = "tip.storage_status", _("Your storage answered HTTP {status}.")
    TOO_LATE = "tip.too_late", _("The recipient did not accept the report within 30 days.")
    UNFINISHED = "tip.unfinished", _("The call “{call}” did not finish and is started again.")
    UNSENDABLE = "tip.unsendable", _("The report cannot be sent to this interface: {detail}")
    WITHDRAWN = (
        "tip.withdrawn",
        _("An indicator of this report was withdrawn in the meantime. Check the report, and send it again."),
    )


type Fault = list[dict[str, Any]]


def fault(code: TipFault, **values: str | int) -> Fault:
    """A reason as a row keeps it: one coded text."""
    return [{"code": code.value, "values": {name: str(one)[:500] for name, one in values.items()}}]
