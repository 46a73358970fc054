"""Files of others become figures with their day, are never ranked against their definitions, and stay as they came."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.observatory.errors import ImportedBefore, NotATable, UnknownImport
from tutela.observatory.imports import imported
from tutela.observatory.operations.arithmetic import add
from tutela.observatory.operations.rank import compare
from tutela.observatory.operations.refusals import OperationRefused, RefusalReason

HOTLINES = b"hotline,country,year,reports,items_illegal\r\nOne,IE,2024,%d,50\r\nTwo,DE,2024,90,\r\n"
INSTAGRAM = Path(__file__).parents[3] / "fixtures" / "observatory" / "instagram-2026-h1"
PAGE = "/desk/figures/imports/"


@pytest.fixture
def analyst(cast: Cast) -> Actor:
    return cast.actor(cast.organisation("Hotline Imports", "hotline", "IE"), "analyst")


def test_a_corrected_table_is_another_vintage(analyst: Actor) -> None:
    first, second = date(2025, 5, 1), date(2025, 9, 1)
    imported.import_files(analyst, "hotlines", {"a.csv": HOTLINES % 100}, first)
    made = imported.import_files(analyst, "hotlines", {"b.csv": HOTLINES % 120}, second)
    said = {day: imported.said_on(analyst, day) for day in (first - timedelta(days=1), first, second)}
    reports = [
        [one.value for one in figures if one.definition.id == "inhope.reports" and one.label == "One"]
        for figures in said.values()
    ]
    assert reports == [[], [100], [120]]
    assert str(imported.load(analyst, made).remarks[0]).startswith("One has more than 40 %")
    with pytest.raises(ImportedBefore):
        imported.import_files(analyst, "hotlines", {"c.csv": HOTLINES % 120}, second)


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("hotlines", {"a.csv": b"nothing"}),
        ("hotlines", {}),
        ("dsa_report", {"4_notices.csv": b"\xff\xfe"}),
        ("transparency_db", {"a.csv": b"uuid\r\n1\r\n"}),
        ("unknown", {"a.csv": b"x"}),
        ("hotlines", {"a.csv": b"hotline,country,year,reports,items_illegal\r\nOne,IE,2024,many,1\r\n"}),
    ],
)
def test_what_is_no_table_is_refused_and_leaves_nothing(analyst: Actor, kind: str, files: dict[str, bytes]) -> None:
    with pytest.raises(NotATable):
        imported.import_files(analyst, kind, files, date(2025, 5, 1))
    with pytest.raises(NotATable):
        imported.import_files(analyst, kind, files, clock.now().date() + timedelta(days=1))
    assert imported.listed(analyst) == []


def test_the_report_with_its_own_categories_is_imported_and_not_ranked(cast: Cast, analyst: Actor) -> None:
    browser = cast.client(analyst, "analyst")
    parts = [SimpleUploadedFile(one.name, one.read_bytes()) for one in sorted(INSTAGRAM.glob("*.csv"))]
    given = {"kind": "dsa_report", "published": "2026-08-31", "tables": parts}
    answer = browser.post(PAGE, given, follow=True)
    assert "The file is imported." in answer.text
    assert "categories are not of the template" in answer.text
    reasons = {one.reason for one in imported.refused_ranking(imported.said_on(analyst, date(2026, 9, 1)))}
    assert reasons
    assert RefusalReason.TOO_FEW in reasons or RefusalReason.NO_DENOMINATOR in reasons
    page = browser.get(PAGE, {"day": "2026-09-01"}).text
    assert "The platforms are not ranked" in page
    assert "No figures had been published by then." in browser.get(PAGE, {"day": "2020-01-01"}).text
    assert browser.post(PAGE, {"kind": "hotlines"}).status_code == 200


def test_two_files_of_one_name_are_refused_and_none_is_lost(cast: Cast, analyst: Actor) -> None:
    browser = cast.client(analyst, "analyst")
    parts = [SimpleUploadedFile("a.csv", HOTLINES % number) for number in (100, 120)]
    given = {"kind": "hotlines", "published": "2025-05-01", "tables": parts}
    assert "Two files have the same name." in browser.post(PAGE, given).text
    assert imported.listed(analyst) == []


def test_an_error_of_a_file_names_row_and_field(analyst: Actor) -> None:
    with pytest.raises(NotATable, match="row 3, reports: x is no number"):
        imported.import_files(analyst, "hotlines", {"a.csv": (HOTLINES % 1).replace(b"90", b"x")}, date(2025, 5, 1))


def test_an_import_belongs_to_one_organisation(cast: Cast, analyst: Actor) -> None:
    made = imported.import_files(analyst, "hotlines", {"a.csv": HOTLINES % 100}, date(2025, 5, 1))
    other = cast.actor(cast.organisation("Hotline Other", "hotline", "DE"), "analyst")
    with pytest.raises(UnknownImport):
        imported.load(other, made)
    assert imported.listed(other) == []


SURVEYS = (
    b"survey,definition,area,period,said,asked\r\n"
    b"Invented survey,survey.viewing.ever,SE,2015,42,1000\r\nInvented survey,survey.using,DE,2016,16,2000\r\n"
)
EDITIONS = (
    b"edition,first,last,during,cumulative,arrests,files_held\r\n"
    b"1,2024-04-01,2024-05-31,4,700,230,\r\n2,2025-09-01,2025-09-30,,1000,301,111000000\r\n"
)
LATER = date(2026, 1, 1)


def test_a_share_of_a_survey_keeps_its_sample_and_its_interval(analyst: Actor) -> None:
    made = imported.import_files(analyst, "surveys", {"a.csv": SURVEYS}, LATER)
    found = {one.definition.id: one for one in imported.load(analyst, made).figures}
    one = found["survey.viewing.ever"]
    assert (one.number, one.coverage.areas) == (0.042, {"SE"})
    assert one.denominator is not None
    assert one.denominator.number == 1000
    assert one.interval == pytest.approx((0.0304, 0.0563), abs=1e-3)
    with pytest.raises(OperationRefused):
        compare(*found.values())


def test_totals_of_a_task_force_are_told_from_its_editions(analyst: Actor) -> None:
    made = imported.import_files(analyst, "task_forces", {"a.csv": EDITIONS}, LATER)
    found = imported.load(analyst, made)
    assert sorted(one.value for one in found.figures) == [4, 700, 1000, 111_000_000]
    (remark,) = found.remarks
    assert "2 totals since a beginning are no counts of an edition" in str(remark)
    totals = [one for one in found.figures if one.definition.id == "europol.children"]
    with pytest.raises(OperationRefused):
        add(totals)


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("surveys", SURVEYS.replace(b"42,1000", b"42,0")),
        ("surveys", SURVEYS.replace(b"Invented", b"Inven\x00ted")),
        ("surveys", SURVEYS.replace(b"Invented", b"Inven\x1b[2Jted")),
        ("surveys", SURVEYS.replace(b"42,1000", b"42,10000001")),
        ("surveys", SURVEYS.replace(b"42,1000", b"1042,1000")),
        ("surveys", SURVEYS.replace(b"survey.using", b"ncmec.files")),
        ("surveys", SURVEYS.replace(b"survey.using", b"nothing")),
        ("surveys", SURVEYS.replace(b"42,1000", b"4.2 %")),
        ("surveys", SURVEYS + SURVEYS.partition(b"\r\n")[2]),
        ("task_forces", EDITIONS.replace(b"1000,301", b"600,301")),
        ("task_forces", EDITIONS.replace(b"2,2025-09-01", b"1,2025-09-01")),
        ("task_forces", EDITIONS.replace(b"2024-05-31", b"2024-03-31")),
        ("task_forces", EDITIONS.replace(b"4,700", b"-4,700")),
        ("task_forces", b"edition\r\n1\r\n"),
    ],
)
def test_an_impossible_share_or_edition_is_refused(analyst: Actor, kind: str, file: bytes) -> None:
    with pytest.raises(NotATable):
        imported.import_files(analyst, kind, {"a.csv": file}, LATER)
    assert imported.listed(analyst) == []
