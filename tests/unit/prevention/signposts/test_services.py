"""Signposts are dated, have a source, and become old."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tutela.prevention.signposts import services


def test_every_entry_has_a_source_and_a_known_voice() -> None:
    for one in services.read():
        assert one.source.startswith("https://")
        assert set(one.voices) <= set(services.VOICES)
        assert not one.link or one.link.startswith("https://")


def test_an_entry_is_old_after_a_year_and_without_a_day() -> None:
    one = replace(services.read()[0], confirmed=date(2026, 1, 28))
    assert not one.is_old(date(2026, 1, 28))
    assert not one.is_old(date(2027, 1, 28))
    assert one.is_old(date(2027, 1, 29))
    assert replace(one, confirmed=None).is_old(date(2026, 1, 28))


def test_services_of_one_country_come_before_those_of_all() -> None:
    found = [bool(one.countries) for one in services.find("adult")]
    assert found == sorted(found, reverse=True)
