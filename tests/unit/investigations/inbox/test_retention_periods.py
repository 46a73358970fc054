"""Periods after which evidence is gone are data: ours, the operator's in their place, the shortest for the unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tutela.app import config
from tutela.investigations.inbox import retention_periods
from tutela.investigations.inbox.retention_periods import PERIODS_FILE, BadPeriods, Period, Periods

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LINES = """
[[period]]
kind = "address"
countries = ["DE", "AT"]
days = 7
source = "Practice"
read_on = 2026-11-27

[[period]]
kind = "address"
countries = ["FR"]
months = 24
source = "An act"
read_on = 2026-11-27
checked = true
"""


def together(tmp_path: Path, text: str = LINES) -> Periods:
    return retention_periods._together(
        [retention_periods.read(PERIODS_FILE), retention_periods.read(file(tmp_path, text))]
    )


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "periods.toml"
    path.write_text(text)
    return path


def test_ours_has_each_kind_once_with_its_source() -> None:
    found = retention_periods._together([retention_periods.read(PERIODS_FILE)])
    assert {kind for kind, _country in found.by} == {"address", "preserved", "cybertip"}
    for one in found.by.values():
        assert one.source
        assert one.read_on <= date(2026, 12, 31)
    assert found.of("address", "XX").days == 180
    assert not found.by_country("address")


def test_a_country_goes_before_all_and_what_is_not_known_gets_the_shortest(tmp_path: Path) -> None:
    found = together(tmp_path)
    assert (found.of("address", "DE").days, found.of("address", "AT").days) == (7, 7)
    assert found.of("address", "FR").months == 24
    assert found.of("address", "IT").days == 180
    assert found.of("address").days == 7
    assert found.of("preserved").months == 12
    assert found.by_country("address")
    assert found.edition != retention_periods._together([retention_periods.read(PERIODS_FILE)]).edition


def test_an_entry_of_the_operator_takes_the_place_of_ours(tmp_path: Path) -> None:
    text = '[[period]]\nkind = "preserved"\ndays = 90\nsource = "Ours"\nread_on = 2026-01-01\n'
    assert together(tmp_path, text).of("preserved").days == 90


def test_months_are_those_of_the_calendar() -> None:
    made = Period(kind="preserved", months=1, source="x", read_on=date(2026, 1, 1))
    assert made.after(datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)
    days = Period(kind="address", days=2, source="x", read_on=date(2026, 1, 1))
    assert days.after(NOW) == NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "period"),
        ("period = 1", "period"),
        ("not toml", "line 1"),
        (LINES.replace("days = 7", "days = 0"), "period.0.days"),
        (LINES.replace("days = 7", "days = 7\nmonths = 1"), "days or months"),
        (LINES.replace("days = 7\n", ""), "days or months"),
        (LINES.replace('"DE", "AT"', '"Germany"'), "period.0.countries.0"),
        (LINES.replace('kind = "address"\ncountries = ["FR"]', 'kind = "logs"'), "period.1.kind"),
        (LINES.replace('source = "Practice"\n', ""), "period.0.source"),
        (LINES.replace("checked = true", "cheked = true"), "period.1.cheked"),
        (LINES.replace('"FR"', '"DE"'), "address occurs twice for DE"),
        ("#" * (retention_periods.MOST_BYTES + 1), "at most 256 kB"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadPeriods, match="periods") as refused:
        retention_periods.read(file(tmp_path, text))
    assert said in str(refused.value)


def test_a_node_does_not_start_with_such_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTELA_EVIDENCE_PERIODS", str(file(tmp_path, "period = 1")))
    with pytest.raises(config.BadSetting, match="TUTELA_EVIDENCE_PERIODS"):
        config.load()
    monkeypatch.setenv("TUTELA_EVIDENCE_PERIODS", str(tmp_path / "none.toml"))
    with pytest.raises(config.BadSetting, match="none"):
        config.load()
