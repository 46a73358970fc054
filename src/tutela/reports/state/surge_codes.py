"""Codes of the reasons for which a surge ends by itself."""

from __future__ import annotations

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _


class SurgeEndCode(TextCode):
    """Codes stored instead of a person's reason."""

    GONE = "surge.gone", _("No reports arrive any more.")
    FELL = "surge.fell", _("The volume fell.")
