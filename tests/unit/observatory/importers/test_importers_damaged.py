"""A file that is damaged in any way gives figures or the error of its importer, and nothing else."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.support.false_figures import true_statement
from tests.support.simulated_union import SimulatedUnion
from tests.support.tree import ROOT
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.forms.content import NotAReturnDocument, ReturnDocument
from tutela.observatory.importers import dsa_report, hotline_tables, survey_tables, task_forces, transparency_database
from tutela.observatory.importers.dsa_categories import ABUSE, TOTAL
from tutela.observatory.importers.dsa_report import ReportRefused
from tutela.observatory.importers.hotline_tables import TableRefused
from tutela.observatory.importers.task_forces import EditionsRefused
from tutela.observatory.importers.transparency_database import DumpRefused
from tutela.observatory.imports.stored_figures import as_row, from_row
from tutela.observatory.statements.statement import NotAStatement, Statement

DAY = date(2026, 1, 1)
DUMP = (
    b"uuid,platform_name,category,category_specification,created_at\r\n"
    b'1,Harbour,STATEMENT_CATEGORY_PROTECTION_OF_MINORS,"[""KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL""]",'
    b"2025-09-01 10:00:00\r\n"
    b"2,Lagoon,STATEMENT_CATEGORY_SCAMS_AND_FRAUD,,2025-09-01 11:00:00\r\n"
)
HOTLINES = b"hotline,country,year,reports,items_illegal\r\nOne,IE,2024,100,50\r\nTwo,DE,2024,90,\r\n"
SURVEYS = (
    b"survey,definition,area,period,said,asked\r\n"
    b"Invented,survey.viewing.ever,SE,2015,42,1000\r\nInvented,survey.using,DE,2016,16,2000\r\n"
)
EDITIONS = (
    b"edition,first,last,during,cumulative,arrests,files_held\r\n"
    b"1,2024-04-01,2024-05-31,4,700,230,\r\n2,2025-09-01,2025-09-30,,1000,301,111000000\r\n"
)
ILLEGAL = next((ROOT / "tests" / "fixtures" / "observatory" / "instagram-2026-h1").glob("*5_*")).read_bytes()


def report(data: bytes) -> list[Figure]:
    read = dsa_report.read_report({"5_own_initiative_illegal.csv": data}, DAY)
    return [one for category in (TOTAL, *ABUSE) for one in read.figures(category)]


type Read = Callable[[bytes], object]
IMPORTERS: dict[str, tuple[Callable[[bytes], list[Figure]], bytes, type[ValueError]]] = {
    "dump": (lambda data: transparency_database.count(data).figures(DAY), DUMP, DumpRefused),
    "hotlines": (lambda data: list(hotline_tables.read_hotlines(data, DAY).figures), HOTLINES, TableRefused),
    "surveys": (lambda data: list(survey_tables.read_surveys(data, DAY)), SURVEYS, TableRefused),
    "editions": (lambda data: task_forces.figures(task_forces.read_editions(data)), EDITIONS, EditionsRefused),
    "report": (report, ILLEGAL, ReportRefused),
}
PIECES = some.sampled_from(
    [
        *(b"", b",", b",,,,,,,", b"\r\n", b"\n\n", b'"', b"\x00", b"\xff", b"-1", b"0", b"1e400", b"nan", b"inf"),
        *(b"9" * 400, b"9" * 5000, b"9" * 400 + b".5", b"2024-13", b"2024-H9", b"9999-12-31", b"0001-01-01"),
        *(b"2199-12-31/2300-01-01", b":", b"c", b"[1]", b"{}", b"null", b"=1+1", b"ZZ", b"world", b"EU"),
        *("\u0663".encode(), "\u00b2".encode(), "\u202f".encode()),
    ]
)


@some.composite
def damaged(draw: some.DrawFn, good: bytes) -> bytes:
    """A good file with cells, rows and bytes changed, cut or repeated."""
    data = good
    for _ in range(draw(some.integers(1, 4))):
        lines = data.split(b"\r\n")
        row = draw(some.integers(0, len(lines) - 1))
        cells = lines[row].split(b",")
        kind = draw(some.sampled_from(["cell", "drop", "cut", "insert", "remove", "repeat", "swap"]))
        if kind == "cell":
            cells[draw(some.integers(0, len(cells) - 1))] = draw(PIECES)
            lines[row] = b",".join(cells)
        elif kind == "drop":
            lines[row] = b",".join(cells[: draw(some.integers(0, len(cells)))])
        elif kind == "remove":
            del lines[row]
        elif kind == "repeat":
            lines.insert(row, lines[row])
        elif kind == "swap":
            lines[row] = b",".join(reversed(cells))
        data = b"\r\n".join(lines)
        if kind == "cut":
            data = data[: draw(some.integers(0, len(data)))]
        elif kind == "insert":
            at = draw(some.integers(0, len(data)))
            data = data[:at] + draw(PIECES) + data[at:]
    return data


def importable(read: Callable[[bytes], list[Figure]], refused: type[ValueError], data: bytes) -> None:
    said = ""
    try:
        figures = read(data)
    except refused as error:
        figures, said = [], str(error)
    assert "invalid literal" not in said
    for one in figures:
        assert one.is_missing or (math.isfinite(one.number) and 0 <= one.number < 1e16)
        row = json.loads(json.dumps(as_row(one), allow_nan=False))
        assert from_row(row, one.vintage).value == one.value


@pytest.mark.parametrize("name", sorted(IMPORTERS))
def test_the_good_file_is_read(name: str) -> None:
    read, good, _refused = IMPORTERS[name]
    assert read(good.replace(b"\n", b"\r\n") if b"\r" not in good else good)


@pytest.mark.parametrize("name", sorted(IMPORTERS))
def test_a_damaged_file_is_read_or_refused_by_its_importer(name: str) -> None:
    read, good, refused = IMPORTERS[name]
    good = good if b"\r" in good else good.replace(b"\n", b"\r\n")

    @given(damaged(good))
    def holds(data: bytes) -> None:
        importable(read, refused, data)

    holds()


@pytest.mark.parametrize("name", sorted(IMPORTERS))
@given(data=some.binary(max_size=300))
def test_any_bytes_are_refused(name: str, data: bytes) -> None:
    read, _good, refused = IMPORTERS[name]
    importable(read, refused, data)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("hotlines", HOTLINES.replace(b"Two,DE,2024,90,", b"Two"), "row 3 has 1 cells, and row 1 has 5"),
        ("hotlines", HOTLINES.replace(b"Two,DE,2024,90,", b"Two,DE,2024,90,1,2"), "row 3 has 6 cells"),
        ("hotlines", HOTLINES.replace(b"Two,DE", b",DE"), "row 3, hotline: the cell is empty"),
        ("hotlines", HOTLINES.replace(b"DE,2024", b"DE,soon"), "row 3, year: soon is no period"),
        ("hotlines", HOTLINES.replace(b"100,50", b"many,50"), "row 2, reports: many is no number"),
        ("hotlines", HOTLINES.partition(b"\r\n")[0] + b"\r\n", "the file has no rows"),
        ("hotlines", b"\r\n".join(HOTLINES.split(b"\r\n")[1:]), "row 1 lacks the columns country, hotline"),
        ("hotlines", b'[{"hotline": 1}]\n', "row 1 lacks the columns"),
        ("hotlines", b"", "row 1 has no names of columns"),
        ("hotlines", HOTLINES[:-3], "the last line has no line end"),
        ("surveys", SURVEYS.replace(b"42,1000", b"x,1000"), "row 2, said: x is no whole number"),
        ("surveys", SURVEYS.replace(b"42,1000", b"42,"), "row 2, asked: an empty cell is no whole number"),
        ("surveys", SURVEYS.replace(b"survey.using", b"nothing"), "row 3, definition: nothing is no definition"),
        ("editions", EDITIONS.replace(b"2025-09-30", b"later"), "row 3, last: later is no day"),
        ("editions", EDITIONS.replace(b"\r\n2,", b"\r\ntwo,"), "row 3, edition: two is no whole number"),
        ("dump", DUMP.replace(b"2025-09-01 11", b"2025-09-02 11"), "row 3, created_at: 2025-09-02 is another day"),
        ("report", ILLEGAL.split(b"\n")[0] + b"\nAll\n", "row 2 has 1 cells"),
        ("report", ILLEGAL.replace(b"2026-01-01/2026-06-30", b"soon", 1), "row 2, reporting period: soon is no period"),
    ],
)
def test_an_error_names_row_field_and_reason(name: str, data: bytes, said: str) -> None:
    read, _good, refused = IMPORTERS[name]
    with pytest.raises(refused) as error:
        read(data)
    assert said in str(error.value)


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**60), 2**60) | some.text(max_size=9),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
RETURN = json.loads(SimulatedUnion().received(2023)[0].document.to_bytes())
STATEMENT = json.loads(true_statement().to_bytes())


@pytest.mark.parametrize(
    ("good", "inner", "read", "refused"),
    [
        (RETURN, "lines", ReturnDocument.from_bytes, NotAReturnDocument),
        (STATEMENT, "figures", Statement.from_bytes, NotAStatement),
    ],
)
def test_a_signed_document_with_other_values_is_refused(
    good: dict[str, object], inner: str, read: Read, refused: type[ValueError]
) -> None:
    @given(some.data())
    def holds(data: some.DataObject) -> None:
        made = json.loads(json.dumps(good))
        place = made if data.draw(some.booleans()) else made[inner][0]
        name = data.draw(some.sampled_from(sorted(place)))
        place[name] = data.draw(VALUES)
        with contextlib.suppress(refused):
            read(json.dumps(made).encode())

    holds()
