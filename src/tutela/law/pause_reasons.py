"""Codes of the reasons for which a clock is paused without a person's words."""

from __future__ import annotations

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _


class PauseReason(TextCode):
    """Reason codes stored with a step of a clock."""

    ASKED_PROVIDER = "pause.asked_provider", _("The Centre asked the provider.")
    HOLD = "pause.hold", _("An authority requested a hold.")
