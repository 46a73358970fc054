"""A definition, and a figure that has one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tutela.observatory.definitions.coverage import Coverage
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import (
    ONE_PERSON_EACH,
    PERSONS,
    STAGES_OF_PERSONS,
    Measure,
    Missing,
    Stage,
    Status,
    Unit,
)

type Value = int | float | Missing


@dataclass(frozen=True)
class Definition:
    """What a figure counts. Two figures with one `key` count the same.

    `mapped` names other definitions with `exact`, `narrower` or `broader`; `part_of` names the whole of which this is a
    part; `exposure` marks a denominator by which providers may be compared. `practice` is false while those who count
    do not sort alike into the categories of the definition.
    """

    id: str
    version: int
    unit: Unit
    stage: Stage
    title: str
    text: str
    population: str
    period: str
    method: str
    legal_source: str
    source: str
    measure: Measure = Measure.FLOW
    mapped: tuple[tuple[str, str], ...] = ()
    part_of: str = ""
    exposure: bool = False
    practice: bool = True
    ranks_states: bool = False

    @property
    def key(self) -> str:
        """Identifier and version, such as `centre.reports.received/1`."""
        return f"{self.id}/{self.version}"

    @property
    def tells_of_persons(self) -> bool:
        """Return true if a small count could tell of a person, so that this node withholds it."""
        return self.unit in PERSONS | ONE_PERSON_EACH or self.stage in STAGES_OF_PERSONS

    def relation(self, other: Definition) -> str:
        """How this relates to the other: `exact`, `narrower`, `broader`, or empty without a mapping."""
        if self.key == other.key:
            return "exact"
        turned = {"exact": "exact", "narrower": "broader", "broader": "narrower"}
        here, there = dict(self.mapped), dict(other.mapped)
        return here.get(other.key) or turned.get(there.get(self.key, ""), "")


@dataclass(frozen=True)
class Figure:
    """A value with everything that is needed to use it.

    `denominator` and `interval` belong to shares. `unmapped` lists codes that the template does not have. `dedupe_key`
    names the key by which those who counted removed duplicates from each other's counts.
    """

    definition: Definition
    period: ReportingPeriod
    coverage: Coverage
    value: Value
    vintage: date
    status: Status = Status.FINAL
    label: str = ""
    denominator: Figure | None = None
    interval: tuple[float, float] | None = None
    unmapped: tuple[str, ...] = field(default=())
    dedupe_key: str = ""

    @property
    def number(self) -> float:
        """The value as a number. Raises `ValueError` if it is missing."""
        if isinstance(self.value, Missing):
            raise ValueError("the value is missing")
        return self.value

    @property
    def is_missing(self) -> bool:
        """Return true if a code stands for the value."""
        return isinstance(self.value, Missing)
