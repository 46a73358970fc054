"""The words for how an item circulates, as its provider says: the same on every form, in every hint, on every page."""

from __future__ import annotations

from tutela.exchange.report_fields import Spread
from tutela.exchange.texts import marked as _

WORDS: dict[Spread, str] = {
    Spread.CIRCULATES: _("it circulates widely, from user to user"),
    Spread.MEME: _("it is shared as a joke, in mimicry or in outrage, without malice"),
}
