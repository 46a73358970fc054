"""Names of countries, languages and weekdays, and dates, from the Unicode CLDR by Babel."""

from __future__ import annotations

from datetime import date
from functools import cache

from babel import Locale
from babel.dates import format_date

MEMBERS = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)
# The day before the month, as all other languages here have it.
_ENGLISH = "en_IE"
# In these the name of a month takes an ending by its place in the sentence: a date in numbers is always right.
_NUMERIC = {"lv": "d.M.y.", "sl": "d. M. y"}


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_ENGLISH if language == "en" else language)


def countries(language: str) -> list[tuple[str, str]]:
    """Codes and names of the countries of the Union, by name."""
    return sorted(((code, country(language, code)) for code in MEMBERS), key=lambda pair: pair[1].casefold())


def country(language: str, code: str) -> str:
    """Name of one country, or of the Union (`EU`). Raises `KeyError`."""
    return str(_locale(language).territories[code])


def language_name(language: str, code: str) -> str:
    """Name of a language in another. Raises `KeyError`."""
    return str(_locale(language).languages[code])


def weekday(language: str, number: int) -> str:
    """Short name of a weekday; Monday is 1."""
    return str(_locale(language).days["format"]["abbreviated"][number - 1])


def day(language: str, at: date) -> str:
    """A date as the language writes it in a sentence."""
    return format_date(at, _NUMERIC.get(language, "long"), locale=_locale(language))
