"""Importer of harmonised transparency reports: tables of notices and of own-initiative measures, as CSV.

1. The tables on illegal content and on terms are read together. A figure of one of them alone is never a platform's
  total.
2. Blank, zero and an absent row are three values.
3. Codes that the template does not have are kept and listed as unmapped, and never dropped.
4. Thousands separators are read in every language in which platforms write them.
5. Practice is judged: who files everything about child sexual abuse under one code, or all of it under terms, sorts
   otherwise than others. Such a platform is not ranked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tutela.exchange.message.translatable_text import Term, filled
from tutela.exchange.message.translatable_text import marked as _
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import EUROPEAN_UNION, Coverage
from tutela.observatory.definitions.definition import Figure, Value
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Missing
from tutela.observatory.importers.cell_values import NotANumber, value_of
from tutela.observatory.importers.dsa_categories import ABUSE, KNOWN, TOTAL
from tutela.observatory.importers.table_rows import ImportRefused, name, numbered, period
from tutela.observatory.importers.table_rows import TableRow as TableLine

# How the names of the parts begin, also behind a prefix of the platform.
PARTS = {"4_notices": "notices", "5_own_initiative_illegal": "illegal", "6_own_initiative_tc": "terms"}
_DEFINITIONS = {
    "notices": "dsa.notices/1",
    "illegal": "dsa.own_initiative.illegal/1",
    "terms": "dsa.own_initiative.terms/1",
}
_VALUE_HEADS = {
    "notices": "number of notices received",
    "illegal": "number of measures taken at the provider's own initiative",
    "terms": "number of measures taken at the provider's own initiative",
}
MOST_ROWS = 20_000


class ReportRefused(ImportRefused):
    """The file is no table of a transparency report."""


class ReportFinding(Term):
    """What a reader of a report must know."""

    UNMAPPED = "unmapped", _("{count} categories are not of the template: {codes}. They hold {total}.")
    ONE_GROUND = "one_ground", _("Everything about child sexual abuse is filed under the {ground}.")
    ONE_CODE = "one_code", _("Everything about child sexual abuse is filed under {code}.")
    ONE_TABLE = "one_table", _("Only the table on {table} was given. It is no total of the platform.")
    BLANKS = "blanks", _("{count} cells are blank, and {zeros} are zero: they are not the same.")
    NO_SUM = "no_sum", _("The categories of the table on {table} add up to {sum} and not to {total}.")
    DOMINANT = "dominant", _("{name} has more than 40 % of a total and drives it.")
    CUMULATIVE = (
        "cumulative",
        _("{count} totals since a beginning are no counts of an edition, nor are their differences."),
    )
    UNREADABLE = "unreadable", _("{count} cells are no numbers, such as {example}.")


@dataclass(frozen=True)
class Remark:
    """A finding with its values; `str()` is its text in English."""

    finding: ReportFinding
    values: Mapping[str, object]

    def __str__(self) -> str:
        return filled(self.finding.text, self.values)


@dataclass(frozen=True)
class TableRow:
    """A category with its value, and what the platform called it if it is one of its own."""

    category: str
    described: str
    value: Value

    @property
    def is_mapped(self) -> bool:
        """Return true if the template has this category."""
        return self.category in KNOWN and not (self.category.endswith("_OTHER") and self.described)


@dataclass(frozen=True)
class ReportTable:
    """One table of a report."""

    part: str
    service: str
    period: ReportingPeriod
    rows: tuple[TableRow, ...]
    unreadable: tuple[str, ...]

    def value(self, category: str) -> Value:
        """The value of a category; an absent row is neither blank nor zero."""
        return next((one.value for one in self.rows if one.category == category), Missing.ABSENT)


@dataclass(frozen=True)
class PlatformReport:
    """The tables of one service and period, with what must be known of them."""

    service: str
    period: ReportingPeriod
    published: date
    tables: Mapping[str, ReportTable]
    remarks: tuple[Remark, ...]

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Categories that the template does not have and that hold something."""
        found = (one for table in self.tables.values() for one in table.rows if not one.is_mapped)
        return tuple(dict.fromkeys(one.described or one.category for one in found if _number(one.value)))

    @property
    def sorts_like_others(self) -> bool:
        """Return false if a remark says that the platform sorts into categories or grounds in its own way."""
        own = {ReportFinding.ONE_GROUND, ReportFinding.ONE_CODE, ReportFinding.UNMAPPED, ReportFinding.ONE_TABLE}
        return not own & {one.finding for one in self.remarks}

    def figures(self, category: str) -> list[Figure]:
        """Figures of a category: of each table, and of both grounds together if both tables are there."""
        found = [self._figure(_DEFINITIONS[part], table.value(category)) for part, table in self.tables.items()]
        if "illegal" in self.tables and "terms" in self.tables:
            found.append(self._figure("dsa.own_initiative/1", self._both(category)))
        return found

    def own_initiative(self, category: str) -> Figure:
        """Measures of both grounds. A figure of a platform that sorts otherwise has its unmapped codes with it."""
        return self._figure("dsa.own_initiative/1", self._both(category))

    def _both(self, category: str) -> Value:
        values = [self.tables[part].value(category) for part in ("illegal", "terms") if part in self.tables]
        numbers = [one for one in values if not isinstance(one, Missing)]
        if len(self.tables.keys() & {"illegal", "terms"}) < 2 or not numbers:
            return Missing.NOT_AVAILABLE
        return sum(numbers)

    def _figure(self, definition: str, value: Value) -> Figure:
        coverage = Coverage(frozenset({EUROPEAN_UNION}), frozenset({self.service}))
        made = Figure(
            catalogue.definition(definition), self.period, coverage, value, self.published, label=self.service
        )
        return replace(made, unmapped=() if self.sorts_like_others else self.unmapped)


def read_report(files: Mapping[str, bytes], published: date) -> PlatformReport:
    """Read the parts of one report by their names. Raises `ReportRefused`."""
    tables: dict[str, ReportTable] = {}
    for file, data in files.items():
        part = next((one for start, one in PARTS.items() if start in file.lower().replace(" ", "_")), None)
        if part is None:
            continue
        if part in tables:
            raise ReportRefused(f"two files are the table on {part}")
        tables[part] = read_table(part, data)
    if not tables:
        raise ReportRefused("no file is a table of notices or of own-initiative measures")
    first = next(iter(tables.values()))
    if any((one.service, one.period) != (first.service, first.period) for one in tables.values()):
        raise ReportRefused("the files are of different services or periods")
    return PlatformReport(first.service, first.period, published, tables, tuple(_remarks(tables)))


def read_table(part: str, data: bytes) -> ReportTable:
    """Read one table. Raises `ReportRefused`, naming row, field and reason."""
    try:
        return _table(part, numbered(data, MOST_ROWS))
    except ImportRefused as error:
        raise ReportRefused(str(error)) from None


def _table(part: str, lines: Iterator[tuple[int, list[str]]]) -> ReportTable:
    _number, names = next(lines)
    head = [one.lower() for one in names]
    places = _places(part, head)
    of_file: tuple[str, ReportingPeriod] | None = None
    rows, unreadable, seen = [], list[str](), set[tuple[str, str]]()
    for number, line in lines:
        cells = TableLine(number, {field: line[place].strip() for field, place in places.items()})
        own = cells.read("service", name)[:120], cells.read("reporting period", period)
        if of_file is not None and own != of_file:
            raise cells.refused("service", "the row is of another service or period than the rows before")
        of_file = own
        category, described = cells.read("category", name), cells.cells.get("description", "")[:200]
        # "Other" is a row of every category.
        if (category, described) in seen and not category.endswith("_OTHER"):
            raise cells.refused("category", f"{category[:80]} is in an earlier row")
        seen.add((category, described))
        try:
            value = value_of(cells.cells["value"])
        except NotANumber as error:
            unreadable.append(str(error))
            value = Missing.NOT_AVAILABLE
        rows.append(TableRow(category, described, value))
    if of_file is None:
        raise ReportRefused("the file has no rows")
    return ReportTable(part, *of_file, tuple(rows), tuple(unreadable))


def _places(part: str, head: Sequence[str]) -> dict[str, int]:
    """The columns of a table by what they hold."""
    wanted = {"service": "service", "reporting period": "reporting period", "value": _VALUE_HEADS[part]}
    if missing := [one for one in wanted.values() if one not in head]:
        raise ReportRefused(f"row 1 of the table on {part} lacks the columns {', '.join(missing)}")
    found = {field: head.index(one) for field, one in wanted.items()}
    category = next((n for n, one in enumerate(head) if one.startswith("category of") or one == "scope"), None)
    if category is None:
        raise ReportRefused(f"row 1 of the table on {part} lacks the column of categories")
    found["category"] = category
    described = next((n for n, one in enumerate(head) if one.startswith("description of")), None)
    return found if described is None else {**found, "description": described}


def _remarks(tables: Mapping[str, ReportTable]) -> Iterator[Remark]:
    own = {part: tables[part] for part in ("illegal", "terms") if part in tables}
    if len(own) == 1:
        yield Remark(ReportFinding.ONE_TABLE, {"table": next(iter(own))})
    for part, table in tables.items():
        yield from _of_table(part, table)
    if len(own) == 2:
        yield from _practice(own)


def _of_table(part: str, table: ReportTable) -> Iterator[Remark]:
    strange = [one for one in table.rows if not one.is_mapped and _number(one.value)]
    if strange:
        names = ", ".join(dict.fromkeys(one.described or one.category for one in strange[:5]))
        total = f"{sum(_number(one.value) for one in strange):,.0f}"
        yield Remark(ReportFinding.UNMAPPED, {"count": len(strange), "codes": names, "total": total})
    blanks = sum(1 for one in table.rows if one.value is Missing.BLANK)
    zeros = sum(1 for one in table.rows if one.value == 0)
    if blanks and zeros:
        yield Remark(ReportFinding.BLANKS, {"count": blanks, "zeros": zeros})
    if table.unreadable:
        values = {"count": len(table.unreadable), "example": table.unreadable[0]}
        yield Remark(ReportFinding.UNREADABLE, values)
    parts = [_number(one.value) for one in table.rows if one.category.startswith("STATEMENT_CATEGORY_")]
    total_value = table.value(TOTAL)
    if not isinstance(total_value, Missing) and sum(parts) != total_value:
        yield Remark(ReportFinding.NO_SUM, {"table": part, "sum": f"{sum(parts):,.0f}", "total": f"{total_value:,.0f}"})


def _practice(own: Mapping[str, ReportTable]) -> Iterator[Remark]:
    by_ground = {part: sum(_number(table.value(code)) for code in ABUSE) for part, table in own.items()}
    if sum(by_ground.values()) and 0 in by_ground.values():
        yield Remark(ReportFinding.ONE_GROUND, {"ground": max(by_ground, key=lambda one: by_ground[one])})
    by_code = {code: sum(_number(table.value(code)) for table in own.values()) for code in ABUSE}
    filled_codes = [code for code, number in by_code.items() if number]
    if len(filled_codes) == 1:
        yield Remark(ReportFinding.ONE_CODE, {"code": filled_codes[0]})


def _number(value: Value) -> float:
    return 0 if isinstance(value, Missing) else value


def ranking(reports: Sequence[PlatformReport], category: str, users: Mapping[str, Figure]) -> list[Figure]:
    """Figures of platforms with their denominators, for `operations.rank`, which refuses what may not be ranked."""
    return [replace(one.own_initiative(category), denominator=users.get(one.service)) for one in reports]
