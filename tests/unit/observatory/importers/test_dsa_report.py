"""Transparency reports: both grounds together, three kinds of nothing, invented categories, and no ranking by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.support.tree import ROOT
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import Coverage
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Missing
from tutela.observatory.importers import dsa_report
from tutela.observatory.importers.dsa_categories import ABUSE_MATERIAL, DEEPFAKE, GROOMING
from tutela.observatory.importers.dsa_report import PlatformReport, ReportFinding, ReportRefused
from tutela.observatory.operations import rank
from tutela.observatory.operations.refusals import OperationRefused, RefusalReason

FOLDER = ROOT / "tests" / "fixtures" / "observatory" / "instagram-2026-h1"
DAY = date(2026, 8, 28)
HEAD = (
    "Service,Reporting period,Category of illegal content,Number of measures taken at the provider's own initiative\n"
)


def instagram() -> PlatformReport:
    return dsa_report.read_report({path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}, DAY)


def harbour() -> PlatformReport:
    """A platform that sorts as the template asks."""
    lines = {
        "5_own_initiative_illegal": {"TOTAL": 90, ABUSE_MATERIAL: 60, DEEPFAKE: 10, GROOMING: 20},
        "6_own_initiative_TC": {"TOTAL": 60, ABUSE_MATERIAL: 50, DEEPFAKE: 5, GROOMING: 5},
    }
    files = {
        f"{name}.csv": (HEAD + "".join(f"Harbour,2026-01-01/2026-06-30,{k},{v}\n" for k, v in rows.items())).encode()
        for name, rows in lines.items()
    }
    return dsa_report.read_report(files, DAY)


def users(name: str) -> Figure:
    coverage = Coverage(frozenset({"EU"}), frozenset({name}))
    return Figure(
        catalogue.definition("dsa.recipients"), ReportingPeriod.parse("2026-H1"), coverage, 1_000_000, DAY, label=name
    )


def test_instagram_reads_zero_in_one_table_and_706642_in_the_other() -> None:
    read = instagram()
    assert read.tables["illegal"].value(ABUSE_MATERIAL) == 0
    assert read.tables["terms"].value(ABUSE_MATERIAL) == 706_642
    assert read.own_initiative(ABUSE_MATERIAL).value == 706_642


def test_what_a_reader_must_know_is_said() -> None:
    found = {one.finding for one in instagram().remarks}
    assert found >= {ReportFinding.ONE_GROUND, ReportFinding.ONE_CODE, ReportFinding.UNMAPPED, ReportFinding.BLANKS}
    unmapped = next(str(one) for one in instagram().remarks if one.finding is ReportFinding.UNMAPPED)
    assert "STATEMENT_CATEGORY_OTHER_ILLEGAL" in unmapped
    assert "770,941" in unmapped


def test_ranking_by_child_sexual_abuse_material_is_refused_with_the_reasons() -> None:
    reports = [instagram(), harbour()]
    known = {one.service: users(one.service) for one in reports}
    with pytest.raises(OperationRefused) as refused:
        rank.rank(dsa_report.ranking(reports, ABUSE_MATERIAL, known))
    assert refused.value.reasons >= {RefusalReason.UNMAPPED, RefusalReason.PRACTICE}


def test_one_table_alone_is_no_total_and_is_not_compared_with_another() -> None:
    only = dsa_report.read_report(
        {"5_own_initiative_illegal.csv": (FOLDER / "5_own_initiative_illegal.csv").read_bytes()}, DAY
    )
    assert only.own_initiative(ABUSE_MATERIAL).value is Missing.NOT_AVAILABLE
    assert ReportFinding.ONE_TABLE in {one.finding for one in only.remarks}
    with pytest.raises(OperationRefused):
        rank.compare(*list(instagram().figures(ABUSE_MATERIAL)[:2]))


def test_blank_zero_and_absent_are_three_values() -> None:
    terms = instagram().tables["terms"]
    assert terms.value("KEYWORD_UNSAFE_CHALLENGES") is Missing.BLANK
    assert terms.value(GROOMING) == 0
    assert terms.value("KEYWORD_PHISHING") is Missing.ABSENT


def test_a_platform_that_sorts_as_asked_has_no_such_remark() -> None:
    assert harbour().sorts_like_others
    assert not instagram().sorts_like_others


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"a,b\n1,2\n",
        HEAD.encode(),
        (HEAD + "A,soon,TOTAL,1\n").encode(),
        (HEAD + "A,2026-06-30/2026-01-01,TOTAL,1\n").encode(),
    ],
)
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(ReportRefused):
        dsa_report.read_table("illegal", data)


def test_tables_of_two_services_are_refused() -> None:
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}
    files["6_own_initiative_TC.csv"] = files["6_own_initiative_TC.csv"].replace(b"Instagram", b"Another")
    with pytest.raises(ReportRefused, match="services"):
        dsa_report.read_report(files, DAY)
    with pytest.raises(ReportRefused):
        dsa_report.read_report({"readme.txt": b"x"}, DAY)


@pytest.mark.parametrize(
    ("cell", "value"), [("63,556,069", 63_556_069), ("1.234.567", 1_234_567), ("17.2", 17.2), ("0", 0)]
)
def test_thousands_are_read_in_every_writing(cell: str, value: float) -> None:
    row = f'A,2026-01-01/2026-06-30,TOTAL,"{cell}"\n'
    assert dsa_report.read_table("illegal", (HEAD + row).encode()).value("TOTAL") == value


def test_a_cell_that_is_no_number_is_listed_and_no_zero() -> None:
    table = dsa_report.read_table("illegal", (HEAD + "A,2026-01-01/2026-06-30,TOTAL,/\n").encode())
    assert table.value("TOTAL") is Missing.NOT_AVAILABLE
    assert table.unreadable == ("/",)


def test_published_rows_are_the_fixture(tmp_path: Path) -> None:
    assert replace(instagram(), remarks=()).period == ReportingPeriod.parse("2026-H1")
