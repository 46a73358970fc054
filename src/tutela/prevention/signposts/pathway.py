"""Pathway finder of somebody who worries about a child: whom to call, what to say, what not to ask, by country.

All countries, roles and concerns stand on one page, which the reader's browser filters. No request says what was
chosen. Sentences are in English here; the catalogue of public pages has them in every language.
Contacts and duties come from another domain, which is connected when the applications are ready.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class CountryContact:
    """A service of a country, by telephone or address. `old`: nobody has confirmed its source for a year."""

    name: str
    phone: str
    link: str
    source: str
    confirmed: date
    old: bool


@dataclass(frozen=True)
class CountryDuty:
    """Who must report by law: "all", "some", "none" of the professions, or "unknown"."""

    who: str
    source: str
    confirmed: date


@dataclass(frozen=True)
class CountryPath:
    """What is known of a country. Without contacts, the general numbers stand."""

    code: str
    name: str
    contacts: tuple[CountryContact, ...]
    duty: CountryDuty | None


type Paths = Callable[[], list[CountryPath]]
_connected: list[Paths] = []
ROLES: tuple[tuple[str, str, str], ...] = (
    (
        "parent",
        _("parent or relative"),
        _("Stay calm and near the child. Call a helpline before you confront anybody."),
    ),
    (
        "teacher",
        _("teacher or coach"),
        _("Tell the person your organisation names today. It does not replace your duty."),
    ),
    (
        "health",
        _("doctor or therapist"),
        _("Read the duty of your country below. Write down what you heard, with the time."),
    ),
    ("neighbour", _("neighbour or friend"), _("You can call without proof and without your name.")),
    ("child", _("child"), _("You did nothing wrong. Call 116 111, or tell an adult whom you trust.")),
)
CONCERNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "told",
        _("A child told me something"),
        (
            _("Say: “I believe you. It is not your fault. I will help.”"),
            _("Write down the child's own words, and when you heard them."),
            _("Call the service or the authority today."),
        ),
    ),
    (
        "signs",
        _("I noticed something"),
        (
            _("No sign proves abuse. You do not have to be sure to ask for advice."),
            _("Write down what you saw, when and where, without a guess."),
            _("Call a helpline and describe it."),
        ),
    ),
    (
        "online",
        _("I saw something online"),
        (
            _("Do not save, copy or send pictures. Note the address alone."),
            _("Report the address to the hotline of your country."),
        ),
    ),
    (
        "colleague",
        _("I worry about a colleague"),
        (
            _("Do not talk to the colleague about it."),
            _("Tell the named person, or the authority if that person is involved."),
            _("Make sure that no child is alone with the colleague meanwhile."),
        ),
    ),
    (
        "past",
        _("It happened long ago"),
        (
            _("Ask a service for victims what is possible now. You decide what you report."),
            _("If the person still has contact with children, call today."),
        ),
    ),
)
NEVER: tuple[str, ...] = (
    _("Do not ask for details, and do not repeat questions."),
    _("Do not investigate, and do not confront the person."),
    _("Do not copy or send pictures."),
    _("Do not promise to keep it secret."),
)


def connect(paths: Paths) -> None:
    """Set where contacts and duties come from. For `app/wiring.py`."""
    _connected[:] = [paths]


def countries() -> list[CountryPath]:
    """What is known of each country; nothing before anything is connected."""
    return [one for paths in _connected for one in paths()]
