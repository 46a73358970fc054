"""Emergency numbers and child helplines by country.

Sources: Commission Decision 2007/116/EC reserves 116 111 for child helplines and 116 000 for missing children in the
Union. Directive (EU) 2018/1972 makes 112 the emergency number. National lines are those of Child Helpline
International's members. Each number is shown with its country only; nothing about the visitor is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse

from tutela.organisations.vocabulary.countries import COUNTRIES, UNION

COOKIE = "helplines"


@dataclass(frozen=True)
class Lines:
    """A country's numbers. `online` is where to write instead of calling."""

    country: str
    name: str
    emergency: str
    child: str
    child_name: str
    online: str = ""


_NATIONAL = {
    "AT": ("147", "Rat auf Draht", "https://www.rataufdraht.at"),
    "BE": ("103 / 102", "Écoute-Enfants (FR) / Awel (NL)", "https://awel.be"),
    "CZ": ("116 111", "Linka bezpečí", "https://www.linkabezpeci.cz"),
    "DE": ("116 111", "Nummer gegen Kummer", "https://www.nummergegenkummer.de"),
    "DK": ("116 111", "BørneTelefonen", "https://bornetelefonen.dk"),
    "ES": ("116 111", "Fundación ANAR", "https://www.anar.org"),
    "FI": ("116 111", "Lasten ja nuorten puhelin", "https://www.nuortennetti.fi"),
    "FR": ("119", "Allô enfance en danger", "https://www.allo119.gouv.fr"),
    "IE": ("1800 66 66 66", "Childline", "https://www.childline.ie"),
    "IT": ("19696", "Telefono Azzurro", "https://azzurro.it"),
    "NL": ("0800 0432", "De Kindertelefoon", "https://www.kindertelefoon.nl"),
    "PL": ("116 111", "Telefon zaufania dla dzieci i młodzieży", "https://116111.pl"),
    "PT": ("116 111", "SOS Criança", "https://iacrianca.pt"),
    "SE": ("116 111", "Bris", "https://www.bris.se"),
    "CH": ("147", "Pro Juventute", "https://www.147.ch"),
    "GB": ("0800 1111", "Childline", "https://www.childline.org.uk"),
    "NO": ("116 111", "Alarmtelefonen for barn og unge", "https://www.116111.no"),
    "US": ("1-800-422-4453", "Childhelp", "https://www.childhelphotline.org"),
    "CA": ("1-800-668-6868", "Kids Help Phone", "https://kidshelpphone.ca"),
    "AU": ("1800 55 1800", "Kids Helpline", "https://kidshelpline.com.au"),
}
_EMERGENCY = {"US": "911", "CA": "911", "AU": "000", "NZ": "111", "GB": "999 / 112", "JP": "110 / 119", "BR": "190"}


def helplines_of(country: str) -> Lines | None:
    """The numbers of one country; None where the code is unknown."""
    if country not in COUNTRIES:
        return None
    child, name, online = _NATIONAL.get(country, ("116 111" if country in UNION else "", "", ""))
    return Lines(country, str(COUNTRIES[country]), _EMERGENCY.get(country, "112"), child, name, online)


def remember(answer: HttpResponse, country: str) -> None:
    """Let the visitor's browser keep the country until it is closed: every page then names these numbers."""
    answer.set_cookie(COOKIE, country, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def forget(answer: HttpResponse) -> None:
    """Let the browser forget it."""
    answer.delete_cookie(COOKIE, samesite="Lax")


def countries() -> list[tuple[str, str]]:
    return sorted(((code, str(name)) for code, name in COUNTRIES.items()), key=lambda pair: pair[1])
