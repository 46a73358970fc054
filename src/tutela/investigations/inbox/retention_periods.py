"""Retention periods of evidence held by others, and the operator's own periods.

The periods are data with sources (`retention_periods.toml`).

The rule:
- An entry for the country takes precedence over the entry for countries without one of their own.
- If the country is unknown, or no entry fits, the shortest period of the kind applies. An early warning costs one
  check, a late warning costs the evidence.
- An operator's entry replaces ours of the same kind and country. An unusable file prevents the start.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tutela.exchange.message.field_types import Country, Line
from tutela.exchange.message.problem import in_words
from tutela.law.clock_kinds import add_months

PERIODS_FILE = Path(__file__).with_name("periods.toml")
# Ours has two kilobytes; a file of another size is something else.
MOST_BYTES = 256 * 1024
# A month, to put periods in order of their length.
A_MONTH = 30
# Part of the edition of the periods: a change of the calculation causes stored dates to be recalculated.
RECKONING = "each moment of an address"


class BadPeriods(ValueError):
    """A file of periods cannot be used."""


class Period(BaseModel):
    """Retention period of a kind of evidence, in days or in calendar months, with its source."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["address", "preserved", "cybertip"]
    countries: Annotated[tuple[Country, ...], Field(max_length=300, strict=False)] = ()
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    source: Line
    read_on: date
    checked: bool = False

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.days is None) == (self.months is None):
            raise ValueError("must have either days or months")
        return self

    def after(self, moment: datetime) -> datetime:
        """End of the period that begins at a moment."""
        return add_months(moment, self.months) if self.months else moment + timedelta(days=self.days or 0)

    @property
    def length(self) -> int:
        """About how many days."""
        return self.days or (self.months or 0) * A_MONTH


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    period: Annotated[tuple[Period, ...], Field(min_length=1, max_length=1000, strict=False)]


@dataclass(frozen=True)
class Periods:
    """Periods by kind and country; "" is every country without one of its own. `edition` distinguishes the files."""

    by: dict[tuple[str, str], Period]
    edition: str

    def of(self, kind: str, country: str = "") -> Period:
        """The period of a kind in a country; where that is empty or has none, by the rule above."""
        found = self.by.get((kind, country)) if country else None
        if found is None and country:
            found = self.by.get((kind, ""))
        return found or min((one for (k, _c), one in self.by.items() if k == kind), key=lambda one: one.length)

    def by_country(self, kind: str) -> bool:
        """Whether the period of a kind depends on the country."""
        return any(k == kind and country for k, country in self.by)


def current() -> Periods:
    """Our periods with the operator's changes, or ours alone if that file became unusable.

    No referral waits for a correct file. A node does not start with an unusable file.
    """
    file = settings.EVIDENCE_PERIODS
    try:
        return _of(file, file.stat().st_mtime_ns if file else 0)
    except (BadPeriods, OSError):
        return _of(None, 0)


def read(path: Path) -> tuple[Period, ...]:
    """Read the entries of a file. Raises `BadPeriods`, which names the entry and the error."""
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise BadPeriods(f"{path.name}: must have at most {MOST_BYTES // 1024} kB")
        found = _File.model_validate(tomllib.loads(data.decode())).period
    except ValidationError as error:
        raise BadPeriods(f"{path.name}: {in_words(error)}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPeriods(f"{path.name}: {error}") from None
    keys = [key for one in found for key in _keys(one)]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise BadPeriods(f"{path.name}: {twice[0]} occurs twice for {twice[1] or 'every country'}")
    return found


@lru_cache(maxsize=4)
def _of(file: Path | None, _changed: int) -> Periods:
    return _together([read(PERIODS_FILE), *([read(file)] if file else [])])


def _together(files: Sequence[Iterable[Period]]) -> Periods:
    by = {key: one for entries in files for one in entries for key in _keys(one)}
    said = "\n".join(f"{kind} {country} {by[kind, country].model_dump_json()}" for kind, country in sorted(by))
    return Periods(by, hashlib.sha256(f"{RECKONING}\n{said}".encode()).hexdigest()[:16])


def _keys(one: Period) -> list[tuple[str, str]]:
    return [(one.kind, country) for country in one.countries or ("",)]
