"""Write scan results as JSON Lines or CSV. Lines are independent: a crash costs at most the last one."""

from __future__ import annotations

import csv
import json
from typing import Any, Protocol

from tutela.exchange.hash_lists.entry import Listed, ListedFile
from tutela.exchange.message import spreadsheet_cells
from tutela.media import Hashed
from tutela.scan.item_json import as_json, described
from tutela.scan.outcome import status_of
from tutela.scan.scan import ScanResult

COLUMNS = (
    "name",
    "size",
    "md5",
    "sha1",
    "sha256",
    "format",
    "status",
    "refused",
    "reason",
    "matches",
    "list_id",
    "list_version",
    "entry_id",
    "rule",
    "corroborated",
    "weak",
    "by_window",
    "distance",
    "variant",
    "frame",
    "in_public_register",
    "video_frames",
    "query_percent",
    "compared_percent",
    "from_ms",
    "to_ms",
)


class TextOutput(Protocol):
    """Where text goes."""

    def write(self, text: str, /) -> int: ...
    def flush(self) -> None: ...


class ResultWriter(Protocol):
    """Takes results one by one."""

    def write(self, one: ScanResult) -> None: ...


def as_record(one: ScanResult, *, listed: bool = False) -> dict[str, Any]:
    """A result as JSON; `listed`: with all that an entry of a list is made of."""
    record: dict[str, Any] = {"name": shown(one.name), "size": one.size}
    if one.result is not None:
        record |= {"status": status_of(one.result).value} | described(one.result, listed=listed)
    if one.unread:
        record["refused"] = {"code": one.unread.code, "message": one.unread.message}
    return record | {"matches": as_json(one.matches)}


class JsonLines:
    """One JSON object a line, for every item."""

    def __init__(self, out: TextOutput) -> None:
        self._out = out

    def write(self, one: ScanResult) -> None:
        self._out.write(json.dumps(as_record(one), ensure_ascii=False) + "\n")
        self._out.flush()


class Csv:
    """One row an item and match; an item without matches has one row."""

    def __init__(self, out: TextOutput, *, header: bool = True) -> None:
        self._out, self._rows = out, csv.writer(out, lineterminator="\r\n")
        if header:
            self._rows.writerow(COLUMNS)

    def write(self, one: ScanResult) -> None:
        record = as_record(one)
        code, reason = one.refusal or ("", "")
        picture, digests = record.get("picture") or {}, record.get("digests") or {}
        base = {**record, **digests, "format": picture.get("format"), "refused": code, "reason": reason}
        base["matches"] = len(one.matches)
        base["size"] = one.size
        for match in record["matches"] or [{}]:
            footage = match.get("footage") or {}
            row = base | match | footage | {"video_frames": footage.get("frames")}
            self._rows.writerow([cell(row.get(name)) for name in COLUMNS])
        self._out.flush()


def listed_item(one: ScanResult) -> Listed | None:
    """A picture or video as an entry of a VICS file, with its place; None for anything else."""
    if not isinstance(one.result, Hashed) or one.result.digests is None:
        return None
    digests, frame = one.result.digests, max(one.result.frames, key=lambda each: each.quality, default=None)
    hashes: dict[str, tuple[str, ...]] = {kind: (getattr(digests, kind),) for kind in ("md5", "sha1", "sha256")}
    if frame is not None:
        hashes["pdq"] = (frame.pdq.hex(),)
    folder, _, name = shown(one.name).replace("\\", "/").rpartition("/")
    return Listed(
        f"md5:{digests.md5}",
        hashes,
        "video" if one.result.video else "image",
        frame.quality if frame else None,
        facts={"size": digests.size},
        files=(ListedFile(name, folder.replace("/", "\\")),),
    )


def cell(value: object) -> str:
    """A value as a cell that no spreadsheet evaluates."""
    text = "" if value is None else str(value)
    return spreadsheet_cells.cell(text).replace("\0", "�")


def shown(name: str) -> str:
    """A name that any file may hold: bytes that are not UTF-8 as `\\xff`, other half characters as `\\udc00`."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return name.encode("utf-8", "backslashreplace").decode()
