"""Forms of returns, read from the seed files: fields with units, rules between them, periods and dates."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tutela.exchange.message.translatable_text import Term
from tutela.exchange.message.translatable_text import marked as _
from tutela.observatory.definitions.period import MONTHS_A_YEAR, ReportingPeriod
from tutela.observatory.definitions.units import Unit

SEED = Path(__file__).parent / "seed"


class FieldKind(Term):
    """What a field holds."""

    COUNT = "count", _("whole number")
    NUMBER = "number", _("number")
    TEXT = "text", _("text")


class PeriodKind(Term):
    """How long the period of a form is."""

    YEAR = "year", _("calendar year")
    HALF_YEAR = "half_year", _("half-year")
    QUARTER = "quarter", _("quarter")
    ANY = "any", _("any period")


_EXAMPLES = {PeriodKind.YEAR: "2023", PeriodKind.HALF_YEAR: "2023-H2", PeriodKind.QUARTER: "2023-Q3"}
# Of every other form a period is a year.
_MONTHS = {PeriodKind.HALF_YEAR: 6, PeriodKind.QUARTER: 3}


@dataclass(frozen=True)
class FormField:
    """A field. `scopes` names what its lines are divided by: a list of the form, or empty for one line.

    `prefill` is the definition of a figure of the ledger. `section` is the letter or number in the law or template.
    """

    id: str
    section: str
    label: str
    kind: FieldKind
    unit: Unit | None = None
    scopes: str = ""
    prefill: str = ""
    definition: str = ""
    persons: bool = False


@dataclass(frozen=True)
class FieldRule:
    """A rule between fields of one scope: `sum` of parts equals the whole, or `at_most` the first below the second."""

    kind: str
    parts: tuple[str, ...]
    whole: str


@dataclass(frozen=True)
class Form:
    """A form. `unchecked` says that its fields were not compared with the official annex; `simulation` that no act in
    force prescribes it. `replaces` is the form that it continues, under an earlier act.
    """

    id: str
    title: str
    legal_source: str
    organisations: tuple[str, ...]
    period: PeriodKind
    fields: tuple[FormField, ...]
    rules: tuple[FieldRule, ...]
    scopes: dict[str, tuple[str, ...]]
    due: str = ""
    unchecked: bool = False
    simulation: bool = False
    first_day: date | None = None
    last_day: date | None = None
    replaces: str = ""
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def field(self, name: str) -> FormField | None:
        """A field by its identifier."""
        return next((one for one in self.fields if one.id == name), None)

    def scopes_of(self, field: FormField) -> tuple[str, ...]:
        """The scopes of a field; one empty scope for a field without."""
        return self.scopes[field.scopes] if field.scopes else ("",)

    def permits(self, period: ReportingPeriod) -> bool:
        """Return true if the form applies to the whole period, and the period has the form's length."""
        if (self.first_day and period.start < self.first_day) or (self.last_day and period.end > self.last_day):
            return False
        return self.has_length(period)

    def has_length(self, period: ReportingPeriod) -> bool:
        """Return true if the period has the form's length."""
        example = _EXAMPLES.get(self.period)
        return example is None or period.same_length(ReportingPeriod.parse(example))

    def periods(self, since: date, until: date) -> list[ReportingPeriod]:
        """Periods of the form with a day from `since` to `until`, both included, the oldest first.

        A form of any period has years. A period is cut at the days on which the form begins and ends to apply.
        """
        found = []
        months = _MONTHS.get(self.period, MONTHS_A_YEAR)
        begin = date(since.year, (since.month - 1) // months * months + 1, 1)
        while begin <= until:
            after = begin.month - 1 + months
            following = date(begin.year + after // MONTHS_A_YEAR, after % MONTHS_A_YEAR + 1, 1)
            start, end = max(begin, self.first_day or begin), following - timedelta(days=1)
            end = min(end, self.last_day or end)
            if start <= end:
                found.append(ReportingPeriod(start, end))
            begin = following
        return found

    def last_period(self, today: date) -> ReportingPeriod:
        """The last period of the form that is over; its first one as long as none is."""
        since = min(today, self.last_day or today)
        over = [one for one in self.periods(since.replace(year=since.year - 1, day=1), today) if one.end < today]
        first = self.first_day or today
        return over[-1] if over else self.periods(first, first)[0]

    def due_on(self, period: ReportingPeriod) -> date | None:
        """The day by which a return for the period is due; None without one."""
        if not self.due:
            return None
        month, day = map(int, self.due.split("-"))
        year = period.end.year + 1 if (month, day) <= (period.end.month, period.end.day) else period.end.year
        return date(year, month, day)


@cache
def forms() -> dict[str, Form]:
    """Every form by its identifier."""
    found = [_form(tomllib.loads(path.read_text())) for path in sorted(SEED.glob("*.toml"))]
    return {one.id: one for one in found}


def forms_of(kind: str) -> list[Form]:
    """Forms that an organisation of this kind files."""
    return [one for one in forms().values() if kind in one.organisations]


def _form(read: dict[str, Any]) -> Form:
    return Form(
        id=read["id"],
        title=read["title"],
        legal_source=read["legal_source"],
        organisations=tuple(read["organisations"]),
        period=PeriodKind.member(read["period"]),
        fields=tuple(_field(one) for one in read["field"]),
        rules=tuple(FieldRule(one["kind"], tuple(one["parts"]), one["whole"]) for one in read.get("rule", ())),
        scopes={name: tuple(values) for name, values in read.get("scopes", {}).items()},
        due=read.get("due", ""),
        unchecked=read.get("unchecked", False),
        simulation=read.get("simulation", False),
        first_day=read.get("first_day"),
        last_day=read.get("last_day"),
        replaces=read.get("replaces", ""),
        parts=tuple((one["file"], tuple(one["fields"])) for one in read.get("part", ())),
    )


def _field(row: dict[str, Any]) -> FormField:
    return FormField(
        id=row["id"],
        section=str(row["section"]),
        label=row["label"],
        kind=FieldKind.member(row.get("kind", "count")),
        unit=Unit.member(row["unit"]) if "unit" in row else None,
        scopes=row.get("scopes", ""),
        prefill=row.get("prefill", ""),
        definition=row.get("definition", ""),
        persons=row.get("persons", False),
    )
