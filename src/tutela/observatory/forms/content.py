"""Content of a return: lines with a value or an explicit code for a missing one, in a signed document."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.canonical_json import Json, canonical, parse
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Missing, Status

CONTEXT = "tutela/return/1"
VERSION = 1
_FIELDS = {
    "version",
    "form",
    "sender",
    "country",
    "start",
    "end",
    "number",
    "cut_off",
    "source_system",
    "coverage_percent",
    "lines",
}
_LINE_FIELDS = {"field", "scope", "value", "missing", "status", "comment", "definition"}
MOST_LINES, MOST_TEXT, MOST_VERSIONS = 5000, 4000, 32_767


class NotAReturnDocument(ValueError):
    """The bytes are no return."""


@dataclass(frozen=True)
class Line:
    """One value of a return. `value` is text: digits of a number, or words. Either it or `missing` is there."""

    field: str
    value: str = ""
    missing: str = ""
    scope: str = ""
    status: str = Status.FINAL.value
    comment: str = ""
    definition: str = ""

    @property
    def number(self) -> float | None:
        """The value as a number; None for a missing one, a text, or what no count is, such as `nan`."""
        try:
            found = float(self.value) if self.value else None
        except ValueError:
            return None
        return found if found is not None and math.isfinite(found) else None


@dataclass(frozen=True)
class ReturnDocument:
    """A return: who, of which period, of what day, how complete, and its lines. `number` counts its versions."""

    form: str
    sender: str
    country: str
    period: ReportingPeriod
    number: int
    cut_off: date
    source_system: str
    coverage_percent: int | None
    lines: tuple[Line, ...]

    def by_place(self) -> dict[tuple[str, str], Line]:
        """Lines by field and scope."""
        return {(one.field, one.scope): one for one in self.lines}

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        lines: list[Json] = [
            {
                "field": one.field,
                "scope": one.scope,
                "value": one.value,
                "missing": one.missing,
                "status": one.status,
                "comment": one.comment,
                "definition": one.definition,
            }
            for one in self.lines
        ]
        told: dict[str, Json] = {
            "version": VERSION,
            "form": self.form,
            "sender": self.sender,
            "country": self.country,
            "start": self.period.start.isoformat(),
            "end": self.period.end.isoformat(),
            "number": self.number,
            "cut_off": self.cut_off.isoformat(),
            "source_system": self.source_system,
            "coverage_percent": self.coverage_percent,
            "lines": lines,
        }
        return canonical(told)

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> ReturnDocument:
        """Read a return. Raises `NotAReturnDocument`."""
        try:
            return cls.from_json(parse(data))
        except ExchangeError as error:
            raise NotAReturnDocument(str(error)) from None

    @classmethod
    def from_json(cls, read: Any) -> ReturnDocument:
        """Read a return from JSON. Raises `NotAReturnDocument`, also for a field too many."""
        try:
            return cls._read(read)
        except (ValueError, TypeError, KeyError) as error:
            raise NotAReturnDocument(str(error)) from None

    @classmethod
    def _read(cls, read: Any) -> ReturnDocument:
        if not isinstance(read, dict) or set(read) != _FIELDS or read["version"] != VERSION:
            raise NotAReturnDocument("the document has other fields, or another version")
        texts = ("form", "sender", "country", "source_system")
        if not all(_is_text(read[name]) for name in texts):
            raise NotAReturnDocument("a text is no text, too long, or has a NUL")
        number = read["number"]
        if type(number) is not int or not 1 <= number <= MOST_VERSIONS or len(read["lines"]) > MOST_LINES:
            raise NotAReturnDocument("the number of the version, or of lines, is impossible")
        share = read["coverage_percent"]
        if share is not None and (type(share) is not int or not 0 <= share <= 100):
            raise NotAReturnDocument("the coverage is no percentage")
        return cls(
            **{name: read[name] for name in texts},
            period=ReportingPeriod(date.fromisoformat(read["start"]), date.fromisoformat(read["end"])),
            number=read["number"],
            cut_off=date.fromisoformat(read["cut_off"]),
            coverage_percent=share,
            lines=tuple(_line(one) for one in read["lines"]),
        )


def _is_text(value: Any) -> bool:
    """Whether it is a text that a row can keep: PostgreSQL has no NUL."""
    return isinstance(value, str) and len(value) <= MOST_TEXT and "\0" not in value


def _line(read: Any) -> Line:
    if not isinstance(read, dict) or set(read) != _LINE_FIELDS:
        raise NotAReturnDocument("a line has other fields")
    if not all(_is_text(one) for one in read.values()):
        raise NotAReturnDocument("a field of a line is no text, too long, or has a NUL")
    Status.member(read["status"])
    if read["missing"]:
        Missing.member(read["missing"])
    return Line(**read)


def lines_of(values: Mapping[tuple[str, str], str], missing: str = Missing.NOT_AVAILABLE.value) -> Iterable[Line]:
    """Lines of typed values by field and scope. A blank is never zero: it becomes the code for a missing value."""
    codes = {one.value for one in Missing}
    for (field, scope), text in values.items():
        typed = text.strip()
        if not typed or typed in codes:
            yield Line(field, missing=typed or missing, scope=scope)
        else:
            yield Line(field, value=typed, scope=scope)
