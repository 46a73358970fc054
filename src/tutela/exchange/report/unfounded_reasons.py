"""Why a report is manifestly unfounded: a closed set, so that provider and Centre count the same thing (decision 0044).

Spread without malice (a meme, something that goes round) is no reason: what is shown is what it was. `hints` says it.
"""

from __future__ import annotations

from enum import StrEnum

from tutela.exchange.message.translatable_text import marked as _


class UnfoundedReason(StrEnum):
    """The code; people may say more beside it, and say everything beside `other`."""

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
    UnfoundedReason.NOT_SEXUAL: _("nothing in it is sexual"),
    UnfoundedReason.ADULTS: _("everybody in it is evidently an adult"),
    UnfoundedReason.FAMILY_OR_MEDICAL: _("an everyday picture of a family, or a medical one"),
    UnfoundedReason.ART_OR_EDUCATION: _("art, education, research or news"),
    UnfoundedReason.NO_PERSON: _("it concerns no person, nor anything that the law treats as one"),
    UnfoundedReason.OTHER_ITEM: _("it is not the listed item: the hashes agree by chance"),
    UnfoundedReason.FILED_BY_MISTAKE: _("the provider filed it by mistake"),
    UnfoundedReason.EMPTY: _("it says nothing that anybody could assess"),
    UnfoundedReason.CENTRE_ERROR: _("the Centre had forwarded it in error"),
    UnfoundedReason.OTHER: _("another reason, given in words"),
}
# What a person chooses among: that the Centre erred is said by undoing, and by nothing else.
CHOSEN: tuple[UnfoundedReason, ...] = tuple(one for one in UnfoundedReason if one is not UnfoundedReason.CENTRE_ERROR)


def text_of(code: str) -> str:
    """The text of a code, of the catalogue; what came without one (from an older node) is said to be without."""
    return WORDS[UnfoundedReason(code)] if code else _("no code was given")
