"""A statement of figures: what an organisation published for a period, with a commitment for each figure.

A commitment is SHA-256 over a salt and the figure with all that it belongs to. The salt of a figure that is shown is
published with it, so that anybody can compute the commitment. That of a figure that is withheld is not: an auditor of
the node opens it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.canonical_json import Json, canonical, parse
from tutela.observatory.definitions.period import ReportingPeriod

CONTEXT = "tutela/figures/1"
VERSION = 1
_FIELDS = {
    "version",
    "organisation",
    "name",
    "number",
    "start",
    "end",
    "position",
    "head",
    "computed_at",
    "code",
    "previous",
    "figures",
}
_FIGURE_FIELDS = {"definition", "query", "commitment", "value", "missing"}


class NotAStatement(ValueError):
    """The bytes are no statement of figures."""


@dataclass(frozen=True)
class StatedFigure:
    """A figure of a statement: shown with its value, or withheld with the code `missing`."""

    definition: str
    query: str
    commitment: str
    value: int | None = None
    missing: str = ""


@dataclass(frozen=True)
class Statement:
    """All figures of an organisation for a period, computed at a position of the chain. `previous` is the digest of the
    statement before, so that none can be left out."""

    organisation: str
    name: str
    number: int
    period: ReportingPeriod
    position: int
    head: str
    computed_at: str
    code: str
    previous: str
    figures: tuple[StatedFigure, ...]

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        figures: list[Json] = [
            {
                "definition": one.definition,
                "query": one.query,
                "commitment": one.commitment,
                "value": one.value,
                "missing": one.missing,
            }
            for one in self.figures
        ]
        return canonical(
            {
                "version": VERSION,
                "organisation": self.organisation,
                "name": self.name,
                "number": self.number,
                "start": self.period.start.isoformat(),
                "end": self.period.end.isoformat(),
                "position": self.position,
                "head": self.head,
                "computed_at": self.computed_at,
                "code": self.code,
                "previous": self.previous,
                "figures": figures,
            }
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def commitment_of(self, figure: StatedFigure, salt: bytes, value: int) -> str:
        """The commitment to a value of this statement, in hex."""
        told: dict[str, Json] = {
            "organisation": self.organisation,
            "number": self.number,
            "start": self.period.start.isoformat(),
            "end": self.period.end.isoformat(),
            "position": self.position,
            "definition": figure.definition,
            "query": figure.query,
            "value": value,
        }
        return hashlib.sha256(salt + canonical(told)).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> Statement:
        """Read a statement. Raises `NotAStatement` for anything else, also for a field too many."""
        try:
            return cls._read(parse(data))
        except (ExchangeError, ValueError, TypeError, KeyError) as error:
            raise NotAStatement(str(error)) from None

    @classmethod
    def _read(cls, read: Any) -> Statement:
        if not isinstance(read, dict) or set(read) != _FIELDS or read["version"] != VERSION:
            raise NotAStatement("the statement has other fields, or another version")
        texts = ("organisation", "name", "head", "computed_at", "code", "previous")
        if not all(isinstance(read[name], str) for name in texts):
            raise NotAStatement("a text is no text")
        if not all(type(read[name]) is int and read[name] >= 0 for name in ("number", "position")):
            raise NotAStatement("a number is no number")
        period = ReportingPeriod(date.fromisoformat(read["start"]), date.fromisoformat(read["end"]))
        figures = tuple(_figure(one) for one in read["figures"])
        if len({one.definition for one in figures}) != len(figures):
            raise NotAStatement("a definition occurs twice")
        return cls(
            period=period,
            figures=figures,
            number=read["number"],
            position=read["position"],
            **{name: read[name] for name in texts},
        )


def _figure(read: Any) -> StatedFigure:
    if not isinstance(read, dict) or set(read) != _FIGURE_FIELDS:
        raise NotAStatement("a figure has other fields")
    value = read["value"]
    if not (value is None or (type(value) is int and value >= 0)) or (value is None) != bool(read["missing"]):
        raise NotAStatement("a figure has neither a value nor a code, or both")
    if not all(isinstance(read[name], str) for name in ("definition", "query", "commitment", "missing")):
        raise NotAStatement("a text of a figure is no text")
    return StatedFigure(**read)
