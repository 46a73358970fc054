"""Help finder: what fits, what is old, and what is never hidden."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from tutela.casework.public_languages import names
from tutela.victims.public.help_finder import find, services
from tutela.victims.public.help_finder.find import Wanted

TODAY = date(2026, 11, 30)


def test_every_service_has_a_source_a_date_and_a_number_that_can_be_dialled() -> None:
    known = {code for code, _name in names.countries("en")} | {services.UNION}
    for one in services.pack():
        assert one.source
        assert one.confirmed <= TODAY
        assert one.country in known
        assert set(one.ages) <= set(services.AGES)
        assert set(one.needs) <= set(services.NEEDS)
        assert any(one.offers(channel) for channel in services.CHANNELS)
        assert re.fullmatch(r"\d*", one.phone + one.text)
        assert all(link.startswith("https://") for link in (one.chat, one.mail, one.sign, one.link) if link)


@pytest.mark.parametrize("country", [code for code, _name in names.countries("en")])
def test_every_country_has_the_numbers_of_the_union(country: str) -> None:
    numbers = [one.phone for one in find.find(Wanted(country=country))]
    assert {"112", "116111", "116000"} <= set(numbers)


def test_services_of_the_country_come_first_and_those_of_others_are_left_out() -> None:
    found = find.find(Wanted(country="FR"))
    assert found[0].country == "FR"
    assert {one.country for one in found} == {"FR", services.UNION}


def test_filters_narrow_by_age_need_channel_language_and_hours() -> None:
    assert all("adult" in one.ages for one in find.find(Wanted(age="adult")))
    assert all(one.sign for one in find.find(Wanted(channel="sign")))
    assert all(one.always for one in find.find(Wanted(always=True)))
    assert {one.phone for one in find.find(Wanted(need="missing"))} == {"116000"}
    assert "112" in {one.phone for one in find.find(Wanted(language="ga"))}


def test_an_old_entry_is_stale_and_a_number_fixed_by_law_is_not() -> None:
    for one in services.pack():
        assert not one.stale(one.confirmed + services.FRESH_FOR)
        assert one.stale(one.confirmed + services.FRESH_FOR + timedelta(days=1)) != one.by_law


def test_duty_that_is_newer_than_the_table_has_a_source_and_a_day_of_its_own() -> None:
    malta, others = services.duty("MT"), services.duty("LU")
    assert malta.who == "all"
    assert malta.confirmed > others.confirmed
    assert malta.source != others.source


def test_a_duty_to_report_is_known_for_every_country_but_never_invented() -> None:
    assert all(services.duty(code).who in ("all", "some", "none") for code, _name in names.countries("en"))
    assert services.duty("XX").who == "unknown"
