"""Reasons why a report is manifestly unfounded: a closed set, so that counts agree (decision 0044).

Provider and Centre count the same thing. Distribution without malice (a meme) is no reason, because the
content stays the same. `hints` reports it.
"""

from __future__ import annotations

from enum import StrEnum

from tutela.exchange.message.translatable_text import marked as _


class UnfoundedReason(StrEnum):
    """The reason's code; an explanation is optional, and required for `other`."""

    NOT_SEXUAL = "not_sexual"
    ADULTS = "adults"
    FAMILY_OR_MEDICAL = "family_or_medical"
    ART_OR_EDUCATION = "art_or_education"
    NO_PERSON = "no_person"
    OTHER_ITEM = "other_item"
    FILED_BY_MISTAKE = "filed_by_mistake"
    EMPTY = "empty"
    CENTRE_ERROR = "centre_error"
    OTHER = "other"


WORDS: dict[UnfoundedReason, str] = {
    UnfoundedReason.NOT_SEXUAL: _("nothing in the report is sexual"),
    UnfoundedReason.ADULTS: _("everyone in the report is evidently an adult"),
    UnfoundedReason.FAMILY_OR_MEDICAL: _("an everyday family picture, or a medical picture"),
    UnfoundedReason.ART_OR_EDUCATION: _("art, education, research or news"),
    UnfoundedReason.NO_PERSON: _("the report concerns no person, and nothing that the law treats as a person"),
    UnfoundedReason.OTHER_ITEM: _("not the listed item: the hashes match by chance"),
    UnfoundedReason.FILED_BY_MISTAKE: _("the provider filed the report by mistake"),
    UnfoundedReason.EMPTY: _("the report contains nothing that can be assessed"),
    UnfoundedReason.CENTRE_ERROR: _("the Centre had found the report relevant in error"),
    UnfoundedReason.OTHER: _("another reason, given in words"),
}
# Reasons that a person can choose. An error of the Centre is stated only by undoing the decision.
CHOSEN: tuple[UnfoundedReason, ...] = tuple(one for one in UnfoundedReason if one is not UnfoundedReason.CENTRE_ERROR)


def text_of(code: str) -> str:
    """Catalogue text of a code; without a code (from an older node) the text states that."""
    return WORDS[UnfoundedReason(code)] if code else _("no code was given")
