"""Age group and gender of a person as the sender states them, used only for published rates.

Neither is inferred, and no score reads them (decision 0055).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from tutela.exchange.message.translatable_text import marked as _

TEENAGER_FROM, ADULT_FROM, OLDEST = 13, 18, 150


class AgeGroup(StrEnum):
    """Age group as the sender states it: under 13, 13 to 17, or 18 and more."""

    CHILD = "child"
    TEENAGER = "teenager"
    ADULT = "adult"


class Gender(StrEnum):
    """Somebody's gender by the sender's own word."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


AGE_WORDS: dict[AgeGroup, str] = {
    AgeGroup.CHILD: _("under 13"),
    AgeGroup.TEENAGER: _("13 to 17"),
    AgeGroup.ADULT: _("18 or more"),
}
GENDER_WORDS: dict[Gender, str] = {
    Gender.FEMALE: _("female"),
    Gender.MALE: _("male"),
    Gender.OTHER: _("another gender"),
}
_GENDERS = {"female": Gender.FEMALE, "f": Gender.FEMALE, "male": Gender.MALE, "m": Gender.MALE, "other": Gender.OTHER}


def age_group(at: datetime, born: str = "", years: str = "") -> AgeGroup | None:
    """The group on a day, by a date of birth (ISO 8601), else by an age in years; None where neither can be read."""
    age = _since(born, at)
    if age is None and years.strip().isascii() and years.strip().isdigit():
        age = int(years.strip()[:9])
    if age is None or not 0 <= age <= OLDEST:
        return None
    if age < TEENAGER_FROM:
        return AgeGroup.CHILD
    return AgeGroup.TEENAGER if age < ADULT_FROM else AgeGroup.ADULT


def gender(word: str) -> Gender | None:
    """The gender that a word of another format means; None for one that is not known here."""
    return _GENDERS.get(word.strip().lower())


def _since(born: str, at: datetime) -> int | None:
    try:
        day = date.fromisoformat(born.strip()[:10])
    except ValueError:
        return None
    return at.year - day.year - ((at.month, at.day) < (day.month, day.day))
