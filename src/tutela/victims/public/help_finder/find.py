"""Search in the help finder. What somebody searched for is in the address of the answer only, and nobody keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tutela.victims.public.help_finder.services import AGES, CHANNELS, NEEDS, UNION, Service, pack


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; an empty field is any."""

    country: str = ""
    language: str = ""
    age: str = ""
    need: str = ""
    channel: str = ""
    always: bool = False


def read(given: dict[str, str], countries: Iterable[str], languages: Iterable[str]) -> Wanted:
    """What a form asks for. A value that no list has counts as any."""

    def one_of(name: str, known: Iterable[str]) -> str:
        said = given.get(name, "")
        return said if said in known else ""

    return Wanted(
        one_of("country", countries),
        one_of("language", languages),
        one_of("age", AGES),
        one_of("need", NEEDS),
        one_of("channel", CHANNELS),
        always=given.get("always") == "yes",
    )


def find(wanted: Wanted, services: tuple[Service, ...] | None = None) -> list[Service]:
    """Services that fit, those of the country before those of the Union."""
    fitting = [one for one in (pack() if services is None else services) if _fits(one, wanted)]
    return sorted(fitting, key=lambda one: (one.country == UNION, one.country))


def _fits(service: Service, wanted: Wanted) -> bool:
    # A service that names no language speaks those of its country, which a filter must not hide.
    return (
        (not wanted.country or service.country in (wanted.country, UNION))
        and (not wanted.language or not service.languages or wanted.language in service.languages)
        and (not wanted.age or wanted.age in service.ages)
        and (not wanted.need or wanted.need in service.needs)
        and (not wanted.channel or service.offers(wanted.channel))
        and (not wanted.always or service.always)
    )
