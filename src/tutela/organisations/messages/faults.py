"""Codes of the reasons for which a message is undelivered. Technical texts of the network stay as received."""

from __future__ import annotations

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _


class DeliveryFault(TextCode):
    """Delivery faults that the outbox itself detects."""

    ERASED = "delivery.erased", _("Erased before it was delivered.")
    NOT_PROCESSED = "delivery.not_processed", _("The answer could not be processed.")
    NOT_SENT = "delivery.not_sent", _("The message could not be sent.")
    NOT_VERIFIED = "delivery.not_verified", _("The recipient is not verified or is suspended. Nothing is sent.")
