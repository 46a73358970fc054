"""Building a snapshot: records in, one verified file out, all or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutela.matching.layout import CHECKSUM_BYTES, DIGESTS, ENTRY, MAGIC, PREFIX, ROW, SECTIONS, VERSION, aligned
from tutela.matching.publishing import published
from tutela.matching.records import Entry, Quarantined, Record, admit

type Column = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build took in and what it left out. `sha256` and `size` are those of the whole file."""

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
    entries = sorted(admit(records, quarantine), key=lambda entry: entry.id.bytes)
    columns = _columns(entries)
    body = assembled(columns, hasher)
    checksum = hashlib.sha256(body).digest()
    whole = body + checksum
    counts = {kind: len(columns[kind]) for kind in (*DIGESTS, "pdq")}
    report = BuildReport(len(entries), counts, hashlib.sha256(whole).hexdigest(), len(whole), quarantine)
    return whole, report


def build_snapshot(records: Iterable[Record], path: Path, *, hasher: str = "") -> BuildReport:
    """Write the snapshot to `path` atomically: a reader finds the old file or the new one, also after a crash."""
    whole, report = snapshot_bytes(records, hasher=hasher)
    write_atomically(path, whole)
    return report


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `data` in one step that survives a power cut (`publishing`). Raises OSError."""
    with published(path, mode=mode) as file:
        file.write(data)


def _columns(entries: list[Entry]) -> dict[str, Column]:
    table = np.array([(entry.id.bytes, entry.flags) for entry in entries], dtype=ENTRY)
    columns: dict[str, Column] = {"entries": table}
    for kind in DIGESTS:
        pairs = sorted({(value, row) for row, entry in enumerate(entries) for value in entry.digests.get(kind, ())})
        columns[kind] = np.array([value for value, _ in pairs], dtype=SECTIONS[kind])
        columns[f"{kind}.rows"] = np.array([row for _, row in pairs], dtype=ROW)
    looks = sorted({(look.value, row, look) for row, entry in enumerate(entries) for look in entry.pdq})
    columns["pdq"] = np.frombuffer(b"".join(value for value, _, _ in looks), np.uint8).reshape(-1, 32)
    columns["pdq.quality"] = np.array([look.quality for *_, look in looks], dtype=np.uint8)
    columns["pdq.rows"] = np.array([row for _, row, _ in looks], dtype=ROW)
    structures = b"".join(look.structure for *_, look in looks)
    columns["pdq.structure"] = np.frombuffer(structures, np.uint8).reshape(-1, 32)
    columns["pdq.part"] = np.array([look.part for *_, look in looks], dtype=np.uint8)
    return columns


def assembled(columns: Mapping[str, Column], hasher: str) -> bytes:
    """The snapshot but for its checksum, from all columns of `layout`, sorted as it says. For lists made in bulk."""
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
    out = bytearray(size - CHECKSUM_BYTES)
    out[: PREFIX.size] = PREFIX.pack(MAGIC, VERSION, len(settled))
    out[PREFIX.size : PREFIX.size + len(settled)] = settled
    for name, place in sections.items():
        raw = columns[name].tobytes()
        out[place["offset"] : place["offset"] + len(raw)] = raw
    return bytes(out)
