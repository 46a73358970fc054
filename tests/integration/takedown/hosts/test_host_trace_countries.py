"""Where something is hosted: a table of what registries and location data say, and the three countries that follow.

An address in the table is `registration@location`. Registration is the registry's own word, `label:` a postal address,
`fault` no answer, `none` no network; `_` is a space. An empty cell means that no single country is known.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.cast import Cast
from tests.support.takedown_world import PUBLIC, Hotline
from tutela.casework import geolocation
from tutela.events.transaction import acting
from tutela.takedown.hosts import host_trace
from tutela.takedown.hosts.name_lookup import Answer
from tutela.takedown.hosts.registry_client import RegistryClient
from tutela.takedown.models import HostTrace

TABLE = Path(__file__).parents[3] / "fixtures" / "takedown" / "hosting_countries.csv"
ROWS = list(csv.DictReader(TABLE.open()))


@dataclass(frozen=True)
class Location:
    """As location data say it."""

    country: str
    edition: str = "a table of 2026"


class Places:
    """Location data of one row."""

    def __init__(self, countries: dict[str, str]) -> None:
        self._countries = countries

    def find(self, address: object) -> Location | None:
        country = self._countries[str(address)]
        return Location(country) if country else None


def addresses(row: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Address → registration and location."""
    found = {}
    for number, one in enumerate(row["addresses"].replace("Street 1", "Street_1").split()):
        said = one.removeprefix("v6:")
        registration, _at, location = said.partition("@")
        text = f"2001:67c:2e8::{number + 1:x}" if one.startswith("v6:") else f"193.0.6.{number + 1}"
        found[text] = registration.replace("_", " "), location
    return found


def network(registration: str, provider: str) -> bytes:
    code, _plus, label = registration.partition("label:")
    rows: list[list[Any]] = [["version", {}, "text", "4.0"]]
    rows += [["fn", {}, "text", provider]] if provider else []
    if label:
        rows.append(["adr", {"label": label.replace("|", "\n")}, "text", [""] * 7])
    data: dict[str, Any] = {"objectClassName": "ip network", "startAddress": "193.0.0.0", "endAddress": "193.0.7.255"}
    if code := code.removesuffix("+"):
        data["country"] = code
    return json.dumps({**data, "entities": [{"roles": ["registrant"], "vcardArray": ["vcard", rows]}]}).encode()


def registries(row: dict[str, str]) -> RegistryClient:
    by_address = addresses(row)

    def answer(request: httpx.Request) -> httpx.Response:
        registration = by_address.get(request.url.path.rpartition("/")[2], ("none", ""))[0]
        status = {"fault": 503, "none": 404}.get(registration, 200)
        return httpx.Response(status, stream=httpx.ByteStream(network(registration, row["provider"])))

    return RegistryClient(resolve=lambda _host, _port: [PUBLIC], transport=httpx.MockTransport(answer))


def test_the_table_is_as_long_as_it_must_be() -> None:
    assert len(ROWS) >= 40
    assert len({row["because"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row["because"] for row in ROWS])
def test_three_countries_follow_from_the_answers(
    row: dict[str, str], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotline = Hotline(cast)
    mark = cast.hotline_ie.organisation_name.rpartition(" ")[2]
    if row["directory"]:
        name, country, *kind = row["directory"].split(":")
        made = cast.organisation(name, *kind or ["provider"], country)
        mark = made.organisation_name.removeprefix(name)
    named = {**row, "provider": row["provider"] and row["provider"] + mark}
    told = addresses(row)
    monkeypatch.setattr(
        geolocation, "known", lambda: Places({one: location for one, (_said, location) in told.items()})
    )
    names = Answer("NOERROR" if told else "NXDOMAIN", tuple((one, 300) for one in told))
    case = hotline.reported().id
    host_trace.trace(hotline.analyst, case, client=registries(named), lookup=lambda _host: names)
    with acting(hotline.analyst):
        found = HostTrace.objects.get(case=case)
    countries = found.registration_country, found.location_country, found.establishment_country
    assert countries == (row["registration"], row["location"], row["establishment"])
    assert hotline.row(case).hosting_country == row["location"]
