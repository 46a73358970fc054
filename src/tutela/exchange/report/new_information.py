"""New information in one report compared with others about the same thing.

Sections and the parts of lists are compared whole. An address without a port adds nothing to the same address with one,
and a port of one address is not another's. Values that every sender creates for each report (numbers, signatures, dates
of its own steps) are not compared. A "no" adds nothing to another sender's "yes".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.report.report import Report

# What differs from report to report without saying anything of people, places or items.
_OWN = {
    "report_id",
    "schema_version",
    "language",
    "provider",
    "legal_basis",
    "confirmation",
    "removal",
    "issuance",
    "steps",
}
_OF_ITEM, _OF_ATTACHMENT = {"item_id", "matches"}, {"reference"}


class Known:
    """Statements of some reports, to be compared with one more."""

    def __init__(self, reports: Iterable[Report]) -> None:
        self._sections: dict[str, list[Any]] = {}
        # The parts of lists as they are written: most of what is repeated is repeated as it was.
        self._written: set[bytes] = set()
        for one in reports:
            self.add(one)

    def add(self, report: Report) -> None:
        for name, value in _said(report).items():
            self._sections.setdefault(name, []).append(value)
            if isinstance(value, list):
                self._written |= {_written(name, part) for part in value}

    def lacks(self, report: Report) -> bool:
        """True if a report contains information that none of these has."""
        return any(not self._has(name, value) for name, value in _said(report).items())

    def _has(self, name: str, value: Any) -> bool:
        known = self._sections.get(name, [])
        if name == "preservation":
            # A later date of the same promise is no news; a promise where there was none is.
            return bool(known)
        if not isinstance(value, list):
            return any(covers(one, value) for one in known)
        parts = [part for one in known for part in one]
        return all(_written(name, part) in self._written or any(covers(one, part) for one in parts) for part in value)


def covers(known: Any, new: Any) -> bool:
    """True if a part contains another: an address without a port adds nothing to one with it."""
    if isinstance(new, dict):
        return isinstance(known, dict) and all(name in known and covers(known[name], one) for name, one in new.items())
    if isinstance(new, list):
        return isinstance(known, list) and all(any(covers(one, part) for one in known) for part in new)
    return bool(known == new)


def _written(name: str, part: Any) -> bytes:
    return name.encode() + b"\0" + canonical(part)


def _said(report: Report) -> dict[str, Any]:
    """Comparable content of a report: sections that state something, without values of each sender's own."""
    value = report.model_dump(mode="json", exclude_none=True, exclude=_OWN)
    for item in value["items"]:
        _without(item, _OF_ITEM)
        for attached in item["attachments"]:
            _without(attached, _OF_ATTACHMENT)
    for name in ("other", "other_data"):
        for attached in value.get(name, {}).get("attachments", ()):
            _without(attached, _OF_ATTACHMENT)
    return {name: said for name, one in value.items() if (said := _given(one))}


def _given(value: Any) -> Any:
    """The value without empty information: a "no" next to another's "yes", an empty list."""
    if isinstance(value, dict):
        return {name: said for name, one in value.items() if (said := _given(one)) not in (None, False, {}, [])}
    return [_given(one) for one in value] if isinstance(value, list) else value


def _without(part: dict[str, Any], names: set[str]) -> None:
    for name in names:
        part.pop(name, None)
