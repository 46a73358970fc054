"""The authorisation of a search: who, which devices, which period, which files, and what is privileged.

A file outside the authorisation is not opened; it is counted by the reason. The reasons, in the order of the checks:

- `privileged`: the path, or its end after any slash, matches a pattern of privileged material. Letter case and the way
  in which accents are written do not matter.
- `period`: the file was last modified outside the period. A file without a date is read unless `undated` is "leave".
- `class`: the name ends like a file of a class that the authorisation does not name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from unicodedata import normalize

from tutela.forensics.errors import AuthorisationError
from tutela.forensics.file_classes import FileClass, class_of_name

_LONGEST_FILE = 1 << 20
_LONGEST_TEXT = 500
_MEMBERS = frozenset(
    {
        "person",
        "authority",
        "reference",
        "offence",
        "issued",
        "country",
        "devices",
        "period",
        "file_classes",
        "privileged",
        "categories",
    }
)


class Outside(StrEnum):
    """Reason why a file is outside the authorisation."""

    PRIVILEGED = "privileged"
    PERIOD = "period"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Device:
    """A seized device: its label, where its image or folder is, and the image's SHA-256 if it was recorded."""

    label: str
    path: Path
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Authorisation:
    """A checked authorisation. `begin` and `end` are UTC; `sha256` is that of the file that was read."""

    person: str
    authority: str
    reference: str
    offence: str
    issued: date
    country: str
    devices: tuple[Device, ...]
    begin: datetime | None
    end: datetime | None
    leave_undated: bool
    classes: frozenset[FileClass]
    privileged: tuple[str, ...]
    # From a list's class to the class of the country's law, both as `scheme:value`; empty: the list states no offence.
    categories: Mapping[str, str]
    text: str
    sha256: str

    def outside(self, path: str, modified: float | None) -> Outside | None:
        """Return why a file may not be opened, or None. `path` uses slashes, and `!` before members of archives."""
        if self._is_privileged(_folded(path).replace("!", "/")):
            return Outside.PRIVILEGED
        if self._outside_period(modified):
            return Outside.PERIOD
        return None if class_of_name(path) in self.classes else Outside.CLASS

    def _is_privileged(self, path: str) -> bool:
        """Whether a pattern matches the path with a slash before it, or its end after any slash."""
        ends = [f"/{path}", *(path[at:] for at in range(len(path)) if at == 0 or path[at - 1] == "/")]
        return any(fnmatchcase(end, pattern) for pattern in self.privileged for end in ends)

    def _outside_period(self, modified: float | None) -> bool:
        if self.begin is None and self.end is None:
            return False
        if not modified:
            return self.leave_undated
        early = self.begin is not None and modified < self.begin.timestamp()
        return early or (self.end is not None and modified >= self.end.timestamp())


def load_authorisation(path: Path) -> Authorisation:
    """Read and check an authorisation as JSON. Raises AuthorisationError that names the field."""
    try:
        data = path.read_bytes()[: _LONGEST_FILE + 1]
    except OSError as error:
        raise AuthorisationError(f"{path}: {error.strerror}.") from None
    return parse_authorisation(data)


def parse_authorisation(data: bytes) -> Authorisation:
    """Check the bytes of an authorisation. Raises AuthorisationError that names the field."""
    if len(data) > _LONGEST_FILE:
        raise AuthorisationError(f"The file is longer than {_LONGEST_FILE} bytes.")
    try:
        given = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise AuthorisationError("The file is not JSON.") from None
    if not isinstance(given, dict):
        raise AuthorisationError("The file is not a JSON object.")
    if unknown := sorted(given.keys() - _MEMBERS):
        raise AuthorisationError(f"{unknown[0][:40]}: unknown field.")
    begin, end, leave = _period(given.get("period", {}))
    return Authorisation(
        person=_text(given, "person"),
        authority=_text(given, "authority"),
        reference=_text(given, "reference"),
        offence=_text(given, "offence"),
        issued=_day(given.get("issued"), "issued"),
        country=_text(given, "country"),
        devices=_devices(given.get("devices")),
        begin=begin,
        end=end,
        leave_undated=leave,
        classes=_classes(given.get("file_classes")),
        privileged=tuple(map(_folded, _texts(given.get("privileged"), "privileged"))),
        categories=_categories(given.get("categories", {})),
        text=data.decode("utf-8-sig"),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _folded(path: str) -> str:
    # File systems of some devices write accents apart from their letters.
    return normalize("NFC", path.replace("\\", "/")).casefold()


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise AuthorisationError(f"{name}: a text of 1 to {_LONGEST_TEXT} characters is required.")
    return value.strip()


def _texts(value: object, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and 0 < len(one) <= _LONGEST_TEXT for one in value):
        raise AuthorisationError(f"{name}: a list of texts is required; write [] for none.")
    return value


def _day(value: object, name: str) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise AuthorisationError(f"{name}: a date such as 2026-11-30 is required.") from None


def _period(value: object) -> tuple[datetime | None, datetime | None, bool]:
    if not isinstance(value, dict) or value.keys() - {"from", "to", "undated"}:
        raise AuthorisationError("period: an object with from, to and undated is required.")
    begin = _day(value["from"], "period.from") if "from" in value else None
    end = _day(value["to"], "period.to") if "to" in value else None
    if begin and end and end < begin:
        raise AuthorisationError("period: to must not be before from.")
    undated = value.get("undated", "read")
    if undated not in ("read", "leave"):
        raise AuthorisationError('period.undated: must be "read" or "leave".')
    first = datetime.combine(begin, time(), UTC) if begin else None
    try:
        # The last day belongs to the period.
        last = datetime.combine(end, time(), UTC) + timedelta(days=1) if end else None
    except OverflowError:
        raise AuthorisationError("period.to: the date is too late.") from None
    return first, last, undated == "leave"


def _classes(value: object) -> frozenset[FileClass]:
    names = _texts(value, "file_classes")
    known = {str(one) for one in FileClass}
    if not names or set(names) - known:
        raise AuthorisationError(f"file_classes: choose from {', '.join(sorted(known))}.")
    return frozenset(map(FileClass, names))


def _devices(value: object) -> tuple[Device, ...]:
    if not isinstance(value, list) or not value:
        raise AuthorisationError("devices: at least one device is required.")
    found = []
    for one in value:
        if not isinstance(one, dict) or one.keys() - {"label", "path", "sha256"}:
            raise AuthorisationError("devices: each device has label, path and sha256.")
        sha256 = str(one.get("sha256", "")).lower()
        if sha256 and (len(sha256) != 64 or set(sha256) - set("0123456789abcdef")):
            raise AuthorisationError("devices.sha256: must be 64 hex digits.")
        found.append(Device(_text(one, "label"), Path(_text(one, "path")), sha256))
    if len({one.label for one in found}) < len(found):
        raise AuthorisationError("devices.label: each device needs a label of its own.")
    return tuple(found)


def _categories(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise AuthorisationError("categories: an object is required.")
    for name, target in value.items():
        if ":" not in name or not isinstance(target, str) or (target and ":" not in target):
            raise AuthorisationError("categories: write each class as scheme:value, and an empty text for no offence.")
    return value
