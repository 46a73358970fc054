"""Labels for the circulation of an item, as its provider states it: identical everywhere.

The same labels are used on every form, in every hint and on every page.
"""

from __future__ import annotations

from tutela.exchange.message.translatable_text import marked as _
from tutela.exchange.report.fields import Spread

WORDS: dict[Spread, str] = {
    Spread.CIRCULATES: _("circulates widely, from user to user"),
    Spread.MEME: _("shared as a joke, in imitation or in outrage, without malice"),
}
