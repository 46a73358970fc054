"""The vendored tables add up to the published totals, and nothing in them was lost."""

from __future__ import annotations

import hashlib
import re

import pytest

from tutela.observatory.definitions.units import Missing
from tutela.observatory.importers import ncmec
from tutela.observatory.operations import arithmetic, rank
from tutela.observatory.operations.refusals import OperationRefused, RefusalReason


@pytest.mark.parametrize(
    ("year", "world", "senders", "union"),
    [
        (2019, 16_987_361, 16_836_694, 725_232),
        (2020, 21_751_085, 21_447_786, 1_046_349),
        (2021, 29_397_681, 29_157_083, 555_834),
        (2022, 32_059_029, 31_802_525, 1_503_431),
    ],
)
def test_totals_are_those_that_were_published(year: int, world: int, senders: int, union: int) -> None:
    assert ncmec.all_reports(year).number == world
    assert ncmec.senders_total(year).number == senders
    assert ncmec.union(year).number == union
    assert sum(one.number for one in ncmec.by_country(year) if not one.is_missing) == world


def test_the_union_is_a_sum_that_the_rules_allow() -> None:
    found = arithmetic.add(ncmec.by_state(2019), union=True)
    assert (found.number, found.label) == (
        725_232,
        "CyberTipline reports by country of the user, 27 of 27 Member States",
    )


def test_states_are_not_ranked() -> None:
    with pytest.raises(OperationRefused) as refused:
        rank.rank(ncmec.by_state(2022))
    assert RefusalReason.STATES_RANKED in refused.value.reasons


def test_blank_cells_stay_blank_and_no_country_is_kept() -> None:
    rows = {one.label: one for one in ncmec.by_country(2019)}
    assert rows["Bouvet Island"].value is Missing.BLANK
    assert rows[ncmec.NO_COUNTRY].number == 1_668_157


def test_concentration_of_senders() -> None:
    assert (round(ncmec.concentration(2019)), round(ncmec.concentration(2022))) == (8_909, 7_361)


def test_the_tables_are_those_of_the_readme() -> None:
    text = (ncmec.TABLES / "README.md").read_text()
    for name, digest in re.findall(r"`(ncmec-[a-z-]+\.csv)`.*`([0-9a-f]{64})`", text):
        assert hashlib.sha256((ncmec.TABLES / name).read_bytes()).hexdigest() == digest
