"""The table of deadlines is data, and says the same as the law's clocks and the reference's table of clocks."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.support import database

database.django()

from tutela.law.clock_kinds import KINDS  # noqa: E402
from tutela.redress.complaints import misuse  # noqa: E402
from tutela.redress.deadlines import table  # noqa: E402

# The reference's table of clocks (Art., length, extension), as it was read.
REFERENCE = Path(__file__).parents[3] / "fixtures" / "law_clocks.csv"
ROWS = {one.code: one for one in table.table()}


def reference() -> list[dict[str, str]]:
    with REFERENCE.open() as file:
        return list(csv.DictReader(file))


def test_there_are_forty_deadlines_each_with_citation_and_status() -> None:
    assert len(ROWS) >= 40
    assert all(one.citation and one.duty and one.who and one.status in table.STATUSES for one in ROWS.values())


@pytest.mark.parametrize("row", [one for one in ROWS.values() if one.clock], ids=lambda one: one.code)
def test_a_deadline_with_a_clock_is_as_long_as_the_clock(row: table.Deadline) -> None:
    spec = KINDS[row.clock]
    assert (row.months, row.days * 24 + row.hours) == (spec.length.months, spec.length.hours)
    assert row.extra_months == spec.longest_extension.months


@pytest.mark.parametrize("row", reference(), ids=lambda one: one["row"])
def test_a_deadline_says_what_the_reference_says(row: dict[str, str]) -> None:
    found = next(one for one in ROWS.values() if one.row == int(row["row"]))
    said = {name: getattr(found, name) for name in ("months", "days", "hours", "extra_months", "extra_days")}
    assert said == {name: int(row[name] or 0) for name in said}
    assert (found.status == "proposal") == (row["act"] == "CSAR")


def test_no_row_of_the_reference_is_missing_but_yearly_reports() -> None:
    assert {one.row for one in ROWS.values()} - {0} == {int(one["row"]) for one in reference()}


def test_the_rule_on_misuse_is_as_long_as_its_rows() -> None:
    assert ROWS["misuse-count"].days == misuse.COUNTED.days
    assert ROWS["misuse-suspension"].days == misuse.SUSPENDED_FOR.days
