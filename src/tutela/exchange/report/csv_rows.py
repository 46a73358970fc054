"""Reports as table rows, for manual filing: one line is one report.

A report has at most one item and one account. `COLUMNS` maps each column; a column that is missing or empty is unknown.
A line without an id gets one derived from its contents, so that the same file sent again gives the same reports.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from tutela.exchange.message.identifiers import drawn
from tutela.exchange.message.problem import FieldError, from_validation
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.report.report import Report

# Column → where it stands in the report.
COLUMNS: dict[str, str] = {
    "report_id": "report_id",
    "reported_at": "issuance.issued_at",
    "kind": "kinds.0",
    "language": "language",
    "urgent": "urgency.urgent",
    "urgent_reason": "urgency.reason",
    "dangers": "urgency.dangers",
    "service": "service.name",
    "service_kind": "service.kinds.0",
    "service_details": "service.details",
    "media": "items.0.kind",
    "sha256": "items.0.sha256",
    "sha1": "items.0.sha1",
    "md5": "items.0.md5",
    "seen_at": "items.0.sightings.0.at",
    "url": "items.0.sightings.0.url",
    "spread": "items.0.spread",
    "series": "items.0.series",
    "ip": "locations.0.ip",
    "port": "locations.0.port",
    "ip_at": "locations.0.at",
    "country": "geography.0.country",
    "username": "users.0.usernames.0",
    "email": "users.0.emails.0",
    "phone": "users.0.phones.0",
    "account": "users.0.identifiers.0",
    "age_group": "users.0.age_group",
    "gender": "users.0.gender",
    "manner": "awareness.manners.0",
    "awareness": "awareness.details",
    "removed": "removal.removed_or_disabled",
    "measures": "user_decision.details",
    "confirmed_by": "confirmation.confirmed_by",
    "confirmed_at": "confirmation.at",
    "confirmed_how": "confirmation.how",
    "words": "other.text",
}
REQUIRED = ("reported_at", "kind", "service", "service_kind")
YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0", ""})
_COLUMN_OF = {path: column for column, path in COLUMNS.items()}


@dataclass(frozen=True)
class Filer:
    """Filer of a report, as the report names it."""

    name: str
    contact_point: str
    contact: str


@dataclass(frozen=True)
class Row:
    """A line of the file: its report, or what is wrong in which column."""

    line: int
    body: bytes = b""
    errors: tuple[FieldError, ...] = ()


def template() -> list[list[str]]:
    """The head of the table, and a line that shows how each column is written."""
    shown = {
        "reported_at": "2026-03-01T09:00:00Z",
        "kind": "known",
        "language": "en",
        "urgent": "no",
        "service": "Albums",
        "service_kind": "hosting",
        "media": "image",
        "sha256": "0" * 64,
        "seen_at": "2026-03-01T08:00:00Z",
        "ip": "192.0.2.7",
        "port": "4711",
        "ip_at": "2026-03-01T08:00:00Z",
        "account": "account-1",
        "manner": "user_flag",
        "removed": "yes",
    }
    return [[*COLUMNS], [shown.get(column, "") for column in COLUMNS]]


def rows(data: bytes, filer: Filer) -> Iterator[Row]:
    """The lines of a file of comma-separated values, in UTF-8. The first line with an error of the whole ends it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Row(1, errors=(FieldError(field="", reason="The file is not UTF-8."),))
        return
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        unknown = sorted(set(reader.fieldnames or ()) - set(COLUMNS))
        missing = [column for column in REQUIRED if column not in (reader.fieldnames or ())]
        if unknown or missing:
            wrong = [(name, "This column does not exist.") for name in unknown]
            wrong += [(name, "This column is required.") for name in missing]
            yield Row(1, errors=tuple(FieldError(field=str(n)[:500], reason=why) for n, why in wrong[:100]))
            return
        for cells in reader:
            yield _row(reader.line_num, cells, filer)
    except csv.Error as error:
        yield Row(reader.line_num, errors=(FieldError(field="", reason=str(error)[:500]),))


def _row(line: int, cells: Mapping[str | None, Any], filer: Filer) -> Row:
    if None in cells or None in cells.values():
        return Row(
            line, errors=(FieldError(field="", reason="The line has a different number of columns than the header."),)
        )
    given = {str(name): typed(value) for name, value in cells.items()}
    wrong = [name for name in ("urgent", "removed") if given.get(name, "").lower() not in YES | NO]
    wrong += [name for name in ("port",) if given.get(name) and not given[name].isdecimal()]
    if wrong:
        return Row(line, errors=tuple(FieldError(field=name, reason="Write yes, no or a number.") for name in wrong))
    try:
        report = Report.model_validate_json(json.dumps(_report(given, filer)))
    except ValidationError as error:
        found = from_validation(error).errors
        return Row(line, errors=tuple(FieldError(field=_column(e.field), reason=e.reason) for e in found))
    return Row(line, report.to_bytes())


def _column(path: str) -> str:
    """The column that a path of the report came from; of a whole section the first of its columns."""
    if path in _COLUMN_OF:
        return _COLUMN_OF[path]
    above = path.rpartition(".")[0]
    if above in _COLUMN_OF:
        # One of several words in a cell.
        return _COLUMN_OF[above]
    inside = (column for column, known in COLUMNS.items() if known.startswith(f"{path}."))
    return next(inside, path)


def _report(given: Mapping[str, str], filer: Filer) -> dict[str, Any]:
    made = _defaults(given, filer)
    for column, path in COLUMNS.items():
        value: Any = given.get(column, "")
        if column in ("urgent", "removed"):
            value = value.lower() in YES
        elif column == "port":
            value = int(value) if value else ""
        elif column in ("dangers", "spread"):
            value = value.split() or ""
        if value != "":
            _put(made, path.split("."), value)
    if not any(given.get(name) for name in ("sha256", "sha1", "md5")):
        made.pop("items", None)
    else:
        made["items"][0].setdefault("kind", "other")
        made["items"][0]["item_id"] = str(drawn(made["report_id"].encode(), None))
    made["user_decision"]["decided"] = bool(given.get("measures"))
    if not given.get("ip"):
        made.pop("locations", None)
    return made


def _defaults(given: Mapping[str, str], filer: Filer) -> dict[str, Any]:
    said = json.dumps([filer.name, sorted(given.items())]).encode()
    return {
        "report_id": str(drawn(said, _moment(given.get("reported_at", "")))),
        "legal_basis": {"regime": "dsa_article_18", "act": "Regulation (EU) 2022/2065", "article": "Art. 18"},
        "language": "en",
        "urgency": {},
        "kinds": [],
        "service": {},
        "third_country": {"reported": False},
        "provider": {"name": filer.name, "contact_point": filer.contact_point, "contact": filer.contact},
        "awareness": {"manners": ["own_motion"]},
        "removal": {},
        "user_decision": {},
        "issuance": {"time_zone": "UTC", "signatory": filer.name},
    }


def _put(at: Any, path: list[str], value: Any) -> None:
    for name, after in pairwise(path):
        empty: Any = [] if after.isdecimal() else {}
        if name.isdecimal():
            while len(at) <= int(name):
                at.append(empty)
            at = at[int(name)]
        else:
            at = at.setdefault(name, empty)
    if path[-1].isdecimal():
        at[:] = [value]
    else:
        at[path[-1]] = value


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime(2020, 1, 1, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
