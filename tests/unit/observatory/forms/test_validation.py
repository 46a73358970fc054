"""Forms are complete, and returns that cannot be right are refused with the field and what is wrong."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from lxml import etree

from tests.support.simulated_union import FORM, SimulatedUnion
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.forms import files
from tutela.observatory.forms.content import Line, NotAReturnDocument, ReturnDocument, lines_of
from tutela.observatory.forms.form import forms
from tutela.observatory.forms.validation import Fault, validate
from tutela.observatory.importers import dsa_report

GOOD = SimulatedUnion().received(2023)[0].document


def faults(document: ReturnDocument, before: ReturnDocument | None = None) -> set[Fault]:
    return {one.fault for one in validate(forms()[document.form], document, before)}


def changed(place: tuple[str, str], **changes: str) -> ReturnDocument:
    lines = tuple(replace(one, **changes) if (one.field, one.scope) == place else one for one in GOOD.lines)
    return replace(GOOD, lines=lines)


def empty(form: str, period: str) -> ReturnDocument:
    wanted = forms()[form]
    lines = tuple(Line(one.id, missing=":", scope=scope) for one in wanted.fields for scope in wanted.scopes_of(one))
    return ReturnDocument(form, "S", "IE", ReportingPeriod.parse(period), 1, date(2026, 11, 30), "own", None, lines)


def test_every_form_names_known_definitions_and_rules_of_its_own_fields() -> None:
    assert len(forms()) == 9
    for one in forms().values():
        names = {field.id for field in one.fields}
        assert len(names) == len(one.fields), one.id
        for field in one.fields:
            assert not field.definition or field.definition in catalogue.definitions(), field.id
            assert not field.prefill or field.prefill in catalogue.definitions(), field.id
            assert not field.scopes or field.scopes in one.scopes, field.id
        for rule in one.rules:
            assert {*rule.parts, rule.whole} <= names, (one.id, rule)
        for _file, fields in one.parts:
            assert set(fields) <= names


def test_a_return_without_faults_has_only_the_mark_of_its_form() -> None:
    assert faults(GOOD) == {Fault.UNCHECKED}


@pytest.mark.parametrize(
    ("place", "changes", "expected"),
    [
        (("reports_total", "all"), {"value": "1"}, Fault.SUM),
        (("convicted", ""), {"value": "999999"}, Fault.AT_MOST),
        (("suspects", ""), {"value": ""}, Fault.NO_VALUE),
        (("suspects", ""), {"missing": ":"}, Fault.BOTH),
        (("suspects", ""), {"value": "-3"}, Fault.NOT_A_NUMBER),
        (("suspects", ""), {"value": "about 20"}, Fault.NOT_A_NUMBER),
        (("suspects", ""), {"value": "1e400"}, Fault.NOT_A_NUMBER),
        (("suspects", ""), {"scope": "west"}, Fault.UNKNOWN_SCOPE),
        (("suspects", ""), {"field": "nobody"}, Fault.UNKNOWN_FIELD),
        (("suspects", ""), {"field": "convicted"}, Fault.TWICE),
        (("suspects", ""), {"field": "convicted"}, Fault.ABSENT),
        (("children_total", ""), {"definition": "return.children.below14/1"}, Fault.DEFINITION),
    ],
)
def test_a_faulty_line_is_named(place: tuple[str, str], changes: dict[str, str], expected: Fault) -> None:
    found = [one for one in validate(forms()[FORM], changed(place, **changes)) if one.fault is expected]
    assert found
    assert "{" not in str(found[0])


def test_a_large_change_needs_a_reason() -> None:
    now = changed(("suspects", ""), value="99999")
    assert Fault.CHANGE in faults(now, GOOD)
    assert Fault.CHANGE not in faults(changed(("suspects", ""), value="99999", comment="new system"), GOOD)


def test_a_form_applies_to_its_periods_alone() -> None:
    assert Fault.PERIOD in faults(empty("provider-2021-1232", "2026"))
    assert Fault.PERIOD not in faults(empty("provider-2021-1232", "2026-01-01/2026-04-03"))
    assert Fault.PERIOD in faults(empty("provider-2026-1881", "2025"))
    assert Fault.PERIOD in faults(empty("helpline-quarter", "2025"))
    assert Fault.CUT_OFF in faults(replace(GOOD, cut_off=date(2023, 6, 1)))


def test_a_return_is_due_in_the_year_after() -> None:
    assert forms()["provider-2021-1232"].due_on(ReportingPeriod.parse("2025")) == date(2026, 1, 31)
    assert forms()["helpline-quarter"].due_on(ReportingPeriod.parse("2025-Q1")) is None


def test_a_blank_is_no_zero() -> None:
    found = list(lines_of({("a", ""): " ", ("b", ""): "0", ("c", ""): "c"}))
    assert [(one.value, one.missing) for one in found] == [("", ":"), ("0", ""), ("", "c")]


def test_a_document_is_read_as_it_was_written() -> None:
    assert ReturnDocument.from_bytes(GOOD.to_bytes()) == GOOD


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        GOOD.to_bytes()[:-9],
        GOOD.to_bytes().replace(b'"number":1', b'"number":0'),
        GOOD.to_bytes().replace(b'"status":"A"', b'"status":"Z"'),
        GOOD.to_bytes().replace(b'"end":"2023-12-31"', b'"end":"2022-12-31"'),
        GOOD.to_bytes().replace(b'"scope":""', b'"scope":7'),
        GOOD.to_bytes().replace(b'"coverage_percent":null', b'"coverage_percent":101'),
    ],
)
def test_what_is_no_return_is_refused(data: bytes) -> None:
    with pytest.raises(NotAReturnDocument):
        ReturnDocument.from_bytes(data)


def test_files_have_every_value_and_run_nothing() -> None:
    document = changed(("suspects", ""), comment="=HYPERLINK(1)")
    form = forms()[FORM]
    rows = list(csv.DictReader(io.StringIO(files.as_csv(form, document).decode())))
    assert len(rows) == len(document.lines)
    assert {row["comment"] for row in rows} == {"", "'=HYPERLINK(1)"}
    with zipfile.ZipFile(io.BytesIO(files.as_xlsx(form, document))) as book:
        for name in book.namelist():
            etree.fromstring(book.read(name))
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert files.as_xlsx(form, document) == files.as_xlsx(form, document)


def test_our_own_transparency_report_is_read_by_our_own_importer() -> None:
    document = empty("dsa-2024-2835", "2026-01-01/2026-06-30")
    values = {("illegal_measures", "TOTAL"): "12", ("terms_measures", "TOTAL"): "30"}
    lines = tuple(
        replace(one, value=values[one.field, one.scope], missing="") if (one.field, one.scope) in values else one
        for one in document.lines
    )
    with zipfile.ZipFile(io.BytesIO(files.as_parts(forms()[document.form], replace(document, lines=lines)))) as parts:
        read = dsa_report.read_report({name: parts.read(name) for name in parts.namelist()}, date(2026, 8, 1))
    assert read.own_initiative("TOTAL").value == 42
    assert read.service == "S"
