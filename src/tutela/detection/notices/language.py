"""Choose the language of a user notice before a person chooses, without guessing about the person.

1. Use the language that the report declares for the account, if all its users have the same and there is a text in it.
2. Else use an official language of the country in which the provider is established. A residence, an origin or a last
   known place does not show which language a person reads.
3. Else use English.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from tutela.exchange.report.fields import themselves
from tutela.exchange.report.report import Report

# An official language of each Member State; where there are several, the one in which most letters are written.
OFFICIAL = {
    "AT": "de",
    "BE": "nl",
    "BG": "bg",
    "CY": "el",
    "CZ": "cs",
    "DE": "de",
    "DK": "da",
    "EE": "et",
    "ES": "es",
    "FI": "fi",
    "FR": "fr",
    "GR": "el",
    "HR": "hr",
    "HU": "hu",
    "IE": "en",
    "IT": "it",
    "LT": "lt",
    "LU": "fr",
    "LV": "lv",
    "MT": "mt",
    "NL": "nl",
    "PL": "pl",
    "PT": "pt",
    "RO": "ro",
    "SE": "sv",
    "SI": "sl",
    "SK": "sk",
}
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Choice:
    """Language, and the reason of its choice: `asked`, `declared`, `establishment` or `usual`.

    `unused`: languages that the report declares and that decided nothing. `country`: country of the establishment.
    """

    code: str
    by: str
    unused: str = ""
    country: str = ""


def choose(report: Report | None, country: str, asked: str, known: Container[str]) -> Choice:
    """The language of the text. `asked` has priority if it has a text; `known` are the codes of texts."""
    if found := spoken(asked, known):
        return Choice(found, "asked")
    users = themselves(report.users) if report else []
    tags = sorted({person.language for person in users if person.language})
    bases = {tag.partition("-")[0] for tag in tags}
    if len(bases) == 1 and (found := spoken(tags[0], known)):
        return Choice(found, "declared")
    unused = ", ".join(tags)
    if found := spoken(OFFICIAL.get(country, ""), known):
        return Choice(found, "establishment", unused, country)
    return Choice(DEFAULT_LANGUAGE, "usual", unused)


def spoken(tag: str, known: Container[str]) -> str:
    """The code of the text for a language tag: its own, or that of the language without the region. Else empty."""
    tag = tag.lower()
    return next((code for code in (tag, tag.partition("-")[0]) if code in known), "")
