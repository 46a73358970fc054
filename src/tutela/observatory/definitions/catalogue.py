"""The catalogue of definitions and the calendar of breaks, read from the seed files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tutela.observatory.definitions.definition import Definition
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Measure, Stage, Unit

SEED = Path(__file__).parent / "seed"
_TEXTS = ("title", "text", "population", "period", "method", "legal_source", "source")


@dataclass(frozen=True)
class Break:
    """A day from which figures of some sources do not continue those before it."""

    at: date
    reason: str
    sources: tuple[str, ...]

    def cuts(self, source: str, earlier: ReportingPeriod, later: ReportingPeriod) -> bool:
        """Return true if it lies between two periods of this source, or inside the later one."""
        return (source in self.sources or "*" in self.sources) and earlier.end < self.at <= later.end


@cache
def definitions() -> dict[str, Definition]:
    """Every version of every definition, by its key."""
    found: dict[str, Definition] = {}
    for path in sorted(SEED.glob("definitions-*.toml")):
        for row in tomllib.loads(path.read_text())["definition"]:
            one = definition_of(row)
            if one.key in found:
                raise ValueError(f"two definitions have the key {one.key}")
            found[one.key] = one
    return found


def definition_of(row: dict[str, Any]) -> Definition:
    """A definition from a row of a seed file. Raises `ValueError` for an unknown field or code, `KeyError`."""
    known = {*_TEXTS, "id", "version", "unit", "stage", "measure", "mapped", "part_of", "exposure", "practice"}
    if unknown := set(row) - known - {"ranks_states"}:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    return Definition(
        id=row["id"],
        version=row.get("version", 1),
        unit=Unit.member(row["unit"]),
        stage=Stage.member(row["stage"]),
        measure=Measure.member(row.get("measure", "flow")),
        mapped=tuple(sorted(row.get("mapped", {}).items())),
        part_of=row.get("part_of", ""),
        exposure=row.get("exposure", False),
        practice=row.get("practice", True),
        ranks_states=row.get("ranks_states", False),
        **{name: row[name] for name in _TEXTS},
    )


def definition(key: str) -> Definition:
    """The definition with this key; without a version, the newest. Raises `KeyError`."""
    every = definitions()
    if "/" in key:
        return every[key]
    versions = [one for one in every.values() if one.id == key]
    if not versions:
        raise KeyError(key)
    return max(versions, key=lambda one: one.version)


@cache
def breaks() -> tuple[Break, ...]:
    """The calendar of breaks, oldest first."""
    rows = tomllib.loads((SEED / "breaks.toml").read_text())["break"]
    return tuple(
        sorted((Break(row["at"], row["reason"], tuple(row["sources"])) for row in rows), key=lambda one: one.at)
    )
