"""Services by country and voice. A country without an entry says so; nothing is guessed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".toml")
OLD_AFTER = timedelta(days=365)
VOICES = ("adult", "young", "relative")


@dataclass(frozen=True)
class HelpOffer:
    """A service: whom it helps, where, in which languages, the source of that, and the day of the source.

    A source without a day was read as a stored copy of unknown age: `confirmed` is None, and the entry counts as old.

    No country means that it helps in every country. `phone` has the country's code; what is unknown is empty.
    """

    name: str
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    voices: tuple[str, ...]
    anonymous: bool
    phone: str
    link: str
    source: str
    confirmed: date | None = None

    def is_old(self, today: date) -> bool:
        """Whether nobody has confirmed the entry for a year."""
        return self.confirmed is None or today - self.confirmed > OLD_AFTER


@cache
def read() -> tuple[HelpOffer, ...]:
    """All services."""
    rows = tomllib.loads(FILE.read_text())["service"]
    lists = ("countries", "languages", "voices")
    return tuple(HelpOffer(**{**one, **{name: tuple(one[name]) for name in lists}}) for one in rows)


def find(voice: str) -> list[HelpOffer]:
    """Services for a voice, those of single countries first."""
    return sorted((one for one in read() if voice in one.voices), key=lambda one: (not one.countries, one.name))
