"""The catalogue of definitions is complete and refuses what it does not know."""

from __future__ import annotations

from datetime import date

import pytest

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import STATES, Coverage, state_of
from tutela.observatory.definitions.period import ReportingPeriod


def test_every_definition_says_everything() -> None:
    for one in catalogue.definitions().values():
        assert all((one.title, one.text, one.population, one.period, one.method, one.legal_source, one.source)), one.key
        assert not one.part_of or one.part_of in catalogue.definitions(), one.key
        assert all(key in catalogue.definitions() for key, _relation in one.mapped), one.key


def test_a_mapping_is_read_both_ways() -> None:
    all_children, younger = catalogue.definition("return.children"), catalogue.definition("return.children.below14")
    assert (younger.relation(all_children), all_children.relation(younger)) == ("narrower", "broader")


def test_without_a_version_the_newest_is_meant() -> None:
    assert catalogue.definition("ncmec.reports.all").version == 2
    with pytest.raises(KeyError):
        catalogue.definition("ncmec.nothing")


@pytest.mark.parametrize("row", [{"unit": "reports"}, {"surplus": 1}, {"stage": "late"}])
def test_an_unknown_code_or_field_is_refused(row: dict[str, object]) -> None:
    texts = dict.fromkeys(("title", "text", "population", "period", "method", "legal_source", "source"), "x")
    with pytest.raises(ValueError, match=r"."):
        catalogue.definition_of({"id": "a", "unit": "report", "stage": "received", **texts, **row})


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-H2", date(2024, 7, 1), date(2024, 12, 31)),
        ("2023-Q1", date(2023, 1, 1), date(2023, 3, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-10-27/2025-11-05", date(2025, 10, 27), date(2025, 11, 5)),
    ],
)
def test_periods_are_read_and_written_alike(text: str, start: date, end: date) -> None:
    period = ReportingPeriod.parse(text)
    assert (period.start, period.end, str(period)) == (start, end, text)


@pytest.mark.parametrize(
    "text", ["", "2024-Q5", "2024-13", "2024-05-01/2024-04-01", "soon", "2024-H0", f"{10**60}", "24"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ReportingPeriod.parse(text)


def test_greece_has_two_codes_and_others_none() -> None:
    assert (state_of("EL"), state_of("GR"), state_of("grc"), state_of("UK")) == ("GR", "GR", "GR", None)
    assert len(STATES) == 27


def test_coverage_overlaps_unless_both_name_what_differs() -> None:
    germany, france, world = (Coverage(frozenset({one})) for one in ("DE", "FR", "world"))
    assert not germany.overlaps(france)
    assert germany.overlaps(world)
    assert germany.overlaps(Coverage())
    assert not Coverage(contributors=frozenset("A")).overlaps(Coverage(contributors=frozenset("B")))
    assert germany.within(world)
    assert not world.within(germany)
    assert germany.within(Coverage(frozenset({"EU"})))
