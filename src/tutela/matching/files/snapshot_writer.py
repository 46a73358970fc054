"""Build a snapshot: records in, one verified file out, all or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tutela.matching.files.columns import Column, Gathering
from tutela.matching.files.layout import CHECKSUM_BYTES, DIGESTS, MAGIC, PREFIX, SECTIONS, VERSION, aligned
from tutela.matching.files.records import Quarantined, Record, admit
from tutela.matching.files.replace import published


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Result of a build: what was included and what was quarantined. `sha256` and `size` are of the whole file."""

    entries: int
    hashes: dict[str, int]
    sha256: str
    size: int
    quarantined: list[Quarantined] = field(default_factory=list)


def snapshot_bytes(records: Iterable[Record], *, hasher: str = "") -> tuple[bytes, BuildReport]:
    """The snapshot of these records. `hasher` names the program and pre-resize that made the PDQ hashes.

    Bad values are quarantined, never raised. The same records in any order give the same bytes.
    """
    quarantine: list[Quarantined] = []
    gathering = Gathering()
    for entry in admit(records, quarantine):
        gathering.take(entry)
    whole, report = gathered_bytes(gathering, hasher=hasher)
    return whole, replace(report, quarantined=quarantine)


def gathered_bytes(gathering: Gathering, *, hasher: str = "") -> tuple[bytes, BuildReport]:
    """Return the snapshot of entries that have been admitted already, and its report. Empties the gathering."""
    columns = gathering.columns()
    whole = assembled(columns, hasher)
    counts = {kind: len(columns[kind]) for kind in (*DIGESTS, "pdq")}
    return whole, BuildReport(len(columns["entries"]), counts, hashlib.sha256(whole).hexdigest(), len(whole))


def build_snapshot(records: Iterable[Record], path: Path, *, hasher: str = "") -> BuildReport:
    """Write the snapshot to `path` atomically: a reader finds the old file or the new one, also after a crash."""
    whole, report = snapshot_bytes(records, hasher=hasher)
    write_atomically(path, whole)
    return report


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `data` in one step that survives a power cut (`replace`). Raises OSError."""
    with published(path, mode=mode) as file:
        file.write(data)


def assembled(columns: Mapping[str, Column], hasher: str) -> bytes:
    """Snapshot from all columns of `layout`, sorted as specified. For lists made in bulk."""
    # The header states offsets that depend on its own length: begin with none and settle (the length only grows).
    sections: dict[str, dict[str, int]] = {}
    size, header = 0, b""
    while True:
        start = aligned(PREFIX.size + len(header))
        for name in SECTIONS:
            sections[name] = {"count": len(columns[name]), "offset": start}
            start = aligned(start + columns[name].nbytes)
        size = start + CHECKSUM_BYTES
        settled = json.dumps({"hasher": hasher, "sections": sections, "size": size}, sort_keys=True).encode()
        if len(settled) == len(header):
            break
        header = settled
    out = bytearray(size)
    out[: PREFIX.size] = PREFIX.pack(MAGIC, VERSION, len(settled))
    out[PREFIX.size : PREFIX.size + len(settled)] = settled
    for name, place in sections.items():
        raw = np.ascontiguousarray(columns[name]).reshape(-1).view(np.uint8)
        out[place["offset"] : place["offset"] + len(raw)] = memoryview(raw)
    out[-CHECKSUM_BYTES:] = hashlib.sha256(memoryview(out)[:-CHECKSUM_BYTES]).digest()
    return bytes(out)
