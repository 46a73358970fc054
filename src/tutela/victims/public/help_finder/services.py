"""Data pack of services that help, and of duties to report."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FOLDER = Path(__file__).parent
# Numbers and hours of helplines change within a year or two; an older source is shown with a warning.
FRESH_FOR = timedelta(days=365)
UNION = "EU"
CHANNELS = ("phone", "text", "chat", "mail", "sign")
NEEDS = ("emergency", "talk", "missing", "victim")
AGES = ("child", "adult")

type Span = tuple[int, int, str, str]


@dataclass(frozen=True)
class Service:
    """A service. A channel is the number or address by which it is reached; an empty one is not offered."""

    country: str
    name: str
    languages: tuple[str, ...]
    ages: tuple[str, ...]
    needs: tuple[str, ...]
    source: str
    confirmed: date
    phone: str = ""
    text: str = ""
    chat: str = ""
    mail: str = ""
    sign: str = ""
    link: str = ""
    always: bool = False
    by_law: bool = False
    hours: tuple[Span, ...] = ()
    chat_hours: tuple[Span, ...] = ()

    def stale(self, day: date) -> bool:
        """Whether the source is too old to be trusted without a check. A number that a law fixes does not grow old."""
        return not self.by_law and day - self.confirmed > FRESH_FOR

    def offers(self, channel: str) -> bool:
        """Whether the service is reached by a channel."""
        return bool(getattr(self, channel))


@dataclass(frozen=True)
class Duty:
    """Who must report in a country: "all", "some", "none" of the professions, or "unknown"."""

    country: str
    who: str
    source: str
    confirmed: date

    @property
    def host(self) -> str:
        """The host name of the source."""
        return urlsplit(self.source).hostname or ""


@cache
def pack() -> tuple[Service, ...]:
    """All services of the data pack, in its order: the Union first, then by country."""
    read = tomllib.loads((FOLDER / "services.toml").read_text())["service"]
    return tuple(Service(**{name: _value(given) for name, given in one.items()}) for one in read)


def _value(given: Any) -> Any:
    """Lists as tuples, at any depth."""
    return tuple(_value(one) for one in given) if isinstance(given, list) else given


@cache
def _duties() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "duties.toml").read_text())


def duty(country: str) -> Duty:
    """The duty to report in a country, as the source of the pack states it."""
    read = _duties()
    if country in read["later"]:
        return Duty(country, **read["later"][country])
    who = next((one for one in ("all", "some", "none") if country in read[one]), "unknown")
    return Duty(country, who, read["source"], read["confirmed"])
