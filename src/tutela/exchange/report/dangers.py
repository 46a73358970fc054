"""Labels for dangers to a child: the same on every form, in every reason, on every page."""

from __future__ import annotations

from tutela.exchange.message.translatable_text import marked as _
from tutela.exchange.report.sections import Danger

WORDS: dict[Danger, str] = {
    Danger.IMMINENT: _("a child is being abused, or is about to be"),
    Danger.SELF_HARM: _("a child may hurt themselves, or take their own life"),
    Danger.LIVE: _("abuse is shown live"),
    Danger.ACCESS: _("the reported user lives with, teaches or looks after a child"),
    Danger.TRAVEL: _("someone travels to meet or abuse a child"),
    Danger.EXTORTION: _("a child is blackmailed with pictures"),
    Danger.TRAFFICKING: _("a child is trafficked, or offered for abuse"),
    Danger.CONTACT: _("an adult is in contact with a child"),
    Danger.VIOLENCE: _("violence against a child is shown"),
    Danger.YOUNG_CHILD: _("the child is an infant or very young"),
    Danger.REPEAT_UPLOADER: _("the account was reported before"),
}
