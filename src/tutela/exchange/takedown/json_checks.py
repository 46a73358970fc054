"""Checks of JSON values in the formats of others: each finds every deviation by its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any
from uuid import UUID


class Level(StrEnum):
    """An error refuses the document; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Need(StrEnum):
    """Whether a field must be there. The strict mode also wants recommended fields."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Finding:
    """One deviation: the path (`evidence[0].payload`), the reason, and its level. Never the value."""

    path: str
    reason: str
    level: Level = Level.ERROR


type Check = Callable[[str, Any, bool], Iterator[Finding]]
type Fields = Mapping[str, tuple[Need, Check]]

_HOSTNAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,253}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def text(most: int = 100_000) -> Check:
    """Text of at most so many characters."""

    def check(path: str, value: Any, strict: bool) -> Iterator[Finding]:
        if not isinstance(value, str):
            yield Finding(path, "must be text")
        elif len(value) > most:
            yield Finding(path, f"must have at most {most} characters")

    return check


def pattern(expression: str, reason: str) -> Check:
    """Text that matches as a whole."""
    compiled = re.compile(expression)
    return _tested(lambda value: compiled.fullmatch(value) is not None, reason)


def one_of(values: Collection[str]) -> Check:
    """One of a few values."""
    return _tested(lambda value: value in values, f"must be one of {', '.join(values)}")


def number(least: float, most: float, *, whole: bool = False) -> Check:
    """A number within limits. True and false are none."""
    kinds = (int,) if whole else (int, float)

    def check(path: str, value: Any, strict: bool) -> Iterator[Finding]:
        if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
            yield Finding(path, f"must be a {'whole ' if whole else ''}number from {least} to {most}")

    return check


def day(first: str, last: str) -> Check:
    """A date `YYYY-MM-DD` within limits."""

    def holds(value: str) -> bool:
        try:
            return len(value) == 10 and date.fromisoformat(value) is not None and first <= value <= last
        except ValueError:
            return False

    return _tested(holds, f"must be a date from {first} to {last}, as YYYY-MM-DD")


def boolean(path: str, value: Any, strict: bool) -> Iterator[Finding]:
    """True or false."""
    if not isinstance(value, bool):
        yield Finding(path, "must be true or false")


def list_of(check: Check, most: int = 1000) -> Check:
    """A list of at most so many values, each checked."""

    def check_all(path: str, value: Any, strict: bool) -> Iterator[Finding]:
        if not isinstance(value, list):
            yield Finding(path, "must be a list")
            return
        if len(value) > most:
            yield Finding(path, f"must have at most {most} items")
        for place, one in enumerate(value[:most]):
            yield from check(f"{path}[{place}]", one, strict)

    return check_all


def fields(known: Fields, *, closed: bool) -> Check:
    """An object. `closed`: other fields are errors; otherwise warnings, and errors in the strict mode."""

    def check(path: str, value: Any, strict: bool) -> Iterator[Finding]:
        if not isinstance(value, dict):
            yield Finding(path, "must be an object")
            return
        below = f"{path}." if path else ""
        for name, (need, check_field) in known.items():
            if name in value:
                yield from check_field(f"{below}{name}", value[name], strict)
            elif need is Need.REQUIRED:
                yield Finding(f"{below}{name}", "is required")
            elif need is Need.RECOMMENDED and strict:
                yield Finding(f"{below}{name}", "is recommended, and the strict mode requires it")
        for name in value:
            if name not in known:
                level = Level.ERROR if closed or strict else Level.WARNING
                yield Finding(f"{below}{name[:60]}", "is not a field of this format", level)

    return check


def _tested(holds: Callable[[str], bool], reason: str) -> Check:
    def check(path: str, value: Any, strict: bool) -> Iterator[Finding]:
        if not isinstance(value, str) or not holds(value):
            yield Finding(path, reason)

    return check


def _is_uuid4(value: str) -> bool:
    try:
        return UUID(value).version == 4 and len(value) == 36
    except ValueError:
        return False


def _is_moment(value: str) -> bool:
    try:
        return _MOMENT.fullmatch(value) is not None and datetime.fromisoformat(value.upper()) is not None
    except ValueError:
        return False


def _is_ip(kind: type[IPv4Address] | type[IPv6Address]) -> Callable[[str], bool]:
    def holds(value: str) -> bool:
        try:
            return kind(value) is not None
        except AddressValueError:
            return False

    return holds


hostname = _tested(lambda value: _HOSTNAME.fullmatch(value) is not None, "must be a host name")
email = _tested(lambda value: _EMAIL.fullmatch(value) is not None, "must be an e-mail address")
uri = _tested(lambda value: _URI.fullmatch(value) is not None, "must be an absolute address in ASCII")
uuid4 = _tested(_is_uuid4, "must be a UUID of version 4")
moment = _tested(_is_moment, "must be a date and time with a time zone")
ipv4 = _tested(_is_ip(IPv4Address), "must be an IPv4 address")
ipv6 = _tested(_is_ip(IPv6Address), "must be an IPv6 address")
