"""A simulated Union: 27 states and 40 providers over 3 years, with a truth that nobody but the generator knows.

The generator draws numbers and writes returns by itself; it uses no rule of the observatory. Some states count wrongly,
late or twice in the last year, and `FAULTS` says which values cannot be in a true sum for that reason.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

from tutela.observatory.comparison.comparability_check import ReceivedDocument
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import STATES, WORLD, Coverage
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.forms.content import Line, ReturnDocument

YEARS = (2023, 2024, 2025)
FORM = "member-state-2021-1232"
REPORTS = ("reports_unique", "reports_repeated", "reports_total")
CHILDREN = ("children_girls", "children_boys", "children_unknown", "children_total")
PERSONS = ("suspects", "convicted")
TYPES = ("all", "provider", "organisation")
DEFINITIONS = {
    "reports_total": "return.reports/2",
    "reports_unique": "return.reports/1",
    **dict.fromkeys(CHILDREN, "return.children/1"),
    "suspects": "return.suspects/1",
    "convicted": "return.convicted/1",
}
# Of the last year: which fields of a state cannot be added up, and why. Fields that are not named are true.
FAULTS: dict[str, tuple[str, frozenset[str]]] = {
    "DE": ("sends nothing", frozenset({*REPORTS, *CHILDREN, *PERSONS})),
    "ES": ("counts children below 14", frozenset(CHILDREN)),
    "FR": ("counts repeats twice", frozenset(REPORTS)),
    "IT": ("swaps girls and boys", frozenset({"children_girls", "children_boys"})),
    "PL": ("types one digit too many", frozenset({"suspects"})),
    "PT": ("counts convictions and not persons", frozenset({"convicted"})),
    "BE": ("marks another definition of suspects", frozenset({"suspects"})),
    "HU": ("has no figures of children", frozenset(CHILDREN)),
    "SE": ("holds convictions confidential", frozenset({"convicted"})),
    "RO": ("has more convicted persons than suspects", frozenset({"suspects", "convicted"})),
}
LATE, TWICE = "AT", "NL"


@dataclass
class SimulatedUnion:
    """The truth by year, state, field and type of provider, and what states send."""

    seed: int = 1
    truth: dict[tuple[int, str, str, str], int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        for state in STATES:
            size = self._draw.randrange(2_000, 90_000)
            for year in YEARS:
                self._state(year, state, size)

    def _state(self, year: int, state: str, size: int) -> None:
        draw, base = self._draw, size + self._draw.randrange(size // 4)
        for kind, share in (("provider", 0.9), ("organisation", 0.1)):
            unique = int(base * share)
            repeated = unique // 5 + draw.randrange(unique // 4)
            for name, value in (("unique", unique), ("repeated", repeated), ("total", unique + repeated)):
                self.truth[year, state, f"reports_{name}", kind] = value
        for name in REPORTS:
            parts = [self.truth[year, state, name, kind] for kind in ("provider", "organisation")]
            self.truth[year, state, name, "all"] = sum(parts)
        girls, boys, unknown = 120 + draw.randrange(80), 20 + draw.randrange(20), draw.randrange(10)
        suspects = 400 + draw.randrange(300)
        values = (girls, boys, unknown, girls + boys + unknown, suspects, suspects // 3)
        for name, value in zip((*CHILDREN, *PERSONS), values, strict=True):
            self.truth[year, state, name, ""] = value

    def true_sum(self, year: int, name: str, scope: str, states: frozenset[str]) -> int:
        return sum(self.truth[year, state, name, scope] for state in states)

    def received(self, year: int, *, only: tuple[str, ...] = STATES) -> list[ReceivedDocument]:
        """What arrives of a year; the last year has the faults."""
        faulty = year == YEARS[-1]
        found = []
        for state in only:
            if faulty and state == "DE":
                continue
            document = self._document(year, state, faulty=faulty)
            day = date(year + 1, 9, 1) if faulty and state == LATE else date(year + 1, 5, 1)
            if faulty and state == TWICE:
                found.append(ReceivedDocument(_scaled(document), day))
                document = _numbered(document, 2)
            found.append(ReceivedDocument(document, day))
        return found

    def _document(self, year: int, state: str, *, faulty: bool) -> ReturnDocument:
        lines = [
            Line(name, str(value), scope=scope, definition=DEFINITIONS.get(name, ""))
            for (of, at, name, scope), value in self.truth.items()
            if (of, at) == (year, state)
        ]
        if faulty:
            lines = [_wrong(state, one, self) for one in lines]
        period = ReportingPeriod.parse(str(year))
        return ReturnDocument(
            FORM, f"Authority {state}", state, period, 1, date(year + 1, 3, 1), "own", None, tuple(lines)
        )

    def providers(self) -> tuple[list[Figure], list[Figure]]:
        """What 40 providers say that they sent, and what the clearing house says that it received: 4 pairs differ."""
        definition, coverage = catalogue.definition("ncmec.reports.sender"), Coverage(frozenset({WORLD}))
        period, day = ReportingPeriod.parse("2025"), date(2026, 6, 1)
        stated, received = [], []
        for number in range(40):
            sent = self._draw.randrange(50, 5_000_000)
            arrived = sent + (number in (3, 11, 27, 38)) * self._draw.randrange(1, 900)
            label = f"provider {number:02d}"
            stated.append(Figure(definition, period, coverage, sent, day, label=label))
            received.append(Figure(definition, period, coverage, arrived, day, label=label))
        return stated, received


def _wrong(state: str, line: Line, union: SimulatedUnion) -> Line:
    """The line as this state writes it."""
    name, year = line.field, YEARS[-1]
    if state == "ES" and name in CHILDREN:
        return Line(name, str(int(line.value) * 2 // 3), definition="return.children.below14/1")
    if state == "FR" and name == "reports_unique":
        return Line(name, str(union.truth[year, state, "reports_total", line.scope]), scope=line.scope)
    if state == "IT" and name in ("children_girls", "children_boys"):
        other = "children_boys" if name == "children_girls" else "children_girls"
        return Line(name, str(union.truth[year, state, other, ""]))
    if state == "PL" and name == "suspects":
        return Line(name, f"{line.value}0")
    if state == "PT" and name == "convicted":
        return Line(name, str(int(line.value) + 40), definition="return.convictions/1")
    if state == "BE" and name == "suspects":
        return Line(name, str(int(line.value) + 55), status="D")
    if state == "HU" and name in CHILDREN:
        return Line(name, missing=":")
    if state == "SE" and name == "convicted":
        return Line(name, missing="c")
    if state == "RO" and name == "convicted":
        return Line(name, str(int(line.value) * 30))
    return line


def _scaled(document: ReturnDocument) -> ReturnDocument:
    lines = tuple(Line(one.field, str(int(one.value) * 2), scope=one.scope) for one in document.lines)
    return ReturnDocument(
        document.form,
        document.sender,
        document.country,
        document.period,
        1,
        document.cut_off,
        document.source_system,
        None,
        lines,
    )


def _numbered(document: ReturnDocument, number: int) -> ReturnDocument:
    return ReturnDocument(
        document.form,
        document.sender,
        document.country,
        document.period,
        number,
        document.cut_off,
        document.source_system,
        None,
        document.lines,
    )
