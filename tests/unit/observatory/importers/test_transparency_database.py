"""Dumps of the Transparency Database count each statement once."""

from __future__ import annotations

from datetime import date

import pytest

from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.importers import hotline_tables, task_forces, transparency_database
from tutela.observatory.importers.transparency_database import DumpRefused
from tutela.observatory.operations import arithmetic
from tutela.observatory.operations.refusals import OperationRefused, RefusalReason

HEAD = "uuid,platform_name,category,category_specification,created_at\n"
ROW = (
    "{n},Harbour,STATEMENT_CATEGORY_PROTECTION_OF_MINORS,"
    '"[""KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS""]",2026-02-03 10:00\n'
)


def dump(*numbers: int, more: str = "") -> bytes:
    return (HEAD + "".join(ROW.format(n=n) for n in numbers) + more).encode()


def test_a_statement_that_is_twice_in_a_dump_counts_once() -> None:
    found = transparency_database.count(dump(1, 2, 2, more="9,Harbour,STATEMENT_CATEGORY_VIOLENCE,,2026-02-03\n"))
    assert (found.by_keyword, found.repeated) == ({("Harbour", "KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS"): 2}, 1)
    (figure,) = found.figures(date(2026, 2, 4))
    assert (figure.value, str(figure.definition.unit)) == (2, "statement")


def test_a_keyword_that_the_template_does_not_have_is_flagged() -> None:
    more = dump(2).decode().removeprefix(HEAD).replace("KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS", "KEYWORD_INVENTED")
    assert transparency_database.count(dump(1, more=more)).unmapped == ("KEYWORD_INVENTED",)


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n", HEAD.encode(), dump(1, more="2,H,X,,2026-03-01\n"), dump(1, more="3,H\n")]
)
def test_what_is_no_dump_of_one_day_is_refused(data: bytes) -> None:
    with pytest.raises(DumpRefused):
        transparency_database.count(data)


def test_totals_of_the_task_force_are_not_differenced() -> None:
    found = {(one.definition.id, one.label): one for one in task_forces.figures()}
    with pytest.raises(OperationRefused) as refused:
        arithmetic.subtract(found["europol.children", "edition 14"], found["europol.children", "edition 10"])
    assert RefusalReason.CUMULATIVE in refused.value.reasons
    with pytest.raises(OperationRefused):
        arithmetic.subtract(found["europol.children", "edition 10"], found["europol.children.edition", "edition 10"])


def test_one_hotline_that_drives_a_total_is_named() -> None:
    table = "hotline,country,year,reports,items_illegal\nA,BG,2025,1600000,:\nB,DE,2025,20000,9000\nC,IE,2025,,100\n"
    found = hotline_tables.read_hotlines(table.encode(), date(2026, 6, 1))
    assert found.dominant == ("A", "B")
    assert sum(one.is_missing for one in found.figures) == 2
    for broken in (table.replace("1600000", "many"), table.replace("B,DE", "A,BG"), "a,b\n1,2\n"):
        with pytest.raises(hotline_tables.TableRefused):
            hotline_tables.read_hotlines(broken.encode(), date(2026, 6, 1))


def test_a_survey_keeps_its_sample_and_gets_an_interval() -> None:
    found = hotline_tables.survey_share(
        "survey.viewing.ever", 83, 1978, ReportingPeriod.parse("2015"), "SE", date(2015, 1, 1)
    )
    assert found.interval is not None
    assert [round(100 * one, 1) for one in found.interval] == [3.4, 5.2]
