"""What is in a report and will not help."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.reporting import item, report
from tutela import clock
from tutela.exchange.report.circulation import WORDS
from tutela.exchange.report.fields import Spread
from tutela.exchange.report.hints import hints


def place(ip: str, *, days: float = 0, port: int | None = None) -> dict[str, Any]:
    return {"ip": ip, "at": (clock.now() - timedelta(days=days)).isoformat(), **({"port": port} if port else {})}


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        (place("192.0.2.7", port=1), []),
        (place("2001:db8::7"), []),
        (place("10.1.2.3"), ["inside_address"]),
        (place("fd00::1"), ["inside_address"]),
        (place("100.64.9.9"), ["shared_without_port"]),
        (place("100.64.9.9", port=4711), []),
        (place("192.0.2.7", days=200), ["old_moment"]),
        (place("192.0.2.7", days=-1), ["future_moment"]),
    ],
)
def test_addresses(where: dict[str, Any], codes: list[str]) -> None:
    found = hints(report(items=[], kinds=["solicitation"], locations=[where]), clock.now())
    assert [one.code for one in found] == codes


@pytest.mark.parametrize(("hours", "said"), [(0.9, False), (1.1, True), (24 * 365, True), (-24 * 365, False)])
def test_every_moment_that_has_not_come_is_named(hours: float, said: bool) -> None:
    at = clock.now() + timedelta(hours=hours)
    issued = {"issued_at": at.isoformat(), "time_zone": "UTC", "signatory": "desk"}
    found = hints(report(items=[item(at=at)], locations=[], issuance=issued), clock.now())
    fields = [one.field for one in found if one.code == "future_moment"]
    assert fields == (["issuance.issued_at", "items.0.sightings.0.at"] if said else [])


def test_an_address_that_is_not_of_the_upload() -> None:
    seen = {**item(), "sightings": [{"at": clock.now().isoformat()}]}
    far, near = place("192.0.2.7", days=3), place("192.0.2.7", days=0.5)
    codes = [[h.code for h in hints(report(items=[seen], locations=[one]), clock.now())] for one in (far, near)]
    assert codes == [["no_upload_address"], []]


@pytest.mark.parametrize(
    ("spread", "codes"),
    [(None, []), (["circulates"], ["circulates"]), (["meme"], ["meme"]), (["circulates", "meme"], ["meme"])],
)
def test_what_circulates_is_said_by_its_provider_alone(spread: list[str] | None, codes: list[str]) -> None:
    shown = {**item(), "original_name": "a-very-viral-meme.png", "metadata": "meme, viral", "spread": spread}
    found = hints(report(items=[item(), shown]), clock.now())
    assert [one.code for one in found if one.field == "items.1.spread"] == codes
    assert not [one for one in found if one.field == "items.0.spread"]


@pytest.mark.parametrize("spread", [[], ["meme", "meme"], ["funny"]])
def test_how_an_item_goes_round_is_a_closed_word_said_once(spread: list[str]) -> None:
    with pytest.raises(ValidationError):
        report(items=[{**item(), "spread": spread}])


def test_every_word_has_a_text() -> None:
    assert set(WORDS) == set(Spread)
