"""Bytes that claim to be a file of reports. Run: `python -m tests.fuzz.fuzz_upload [seconds]` from the root."""

from __future__ import annotations

import io
import json
import random
import zipfile

from tests.fuzz.running import run
from tests.support.exchange_reports import report
from tutela.exchange.errors import ExchangeError
from tutela.exchange.report.csv_rows import Filer, template
from tutela.exchange.report.report import Report
from tutela.exchange.report_files.report_files import MOST_REPORTS, pieces

FILER = Filer("Provider", "desk", "desk@provider.example")
_PIECES = [b'"', b",", b"\n", b"\r", b"\xff", b"\0", b"PK\x03\x04", b"-1", b"[", b"yes", b"2026-01-01", b"\xef\xbb\xbf"]


def one(seed: int) -> bool:
    """One mutated file; True if a report of it was read, and then it reads back as itself."""
    rng = random.Random(seed)
    table = "\n".join(",".join(cells) for cells in template()).encode()
    name, data = rng.choice([("a.csv", table), ("a.jsonl", json.dumps(report()).encode()), ("a.zip", _zip(table))])
    mutated = bytearray(data)
    for _ in range(rng.randint(0, 3)):
        at, piece = rng.randrange(len(mutated)), rng.choice(_PIECES)
        mutated[at : at + rng.choice([0, 1, len(piece)])] = piece
    try:
        found = pieces(name, bytes(mutated), FILER)
    except ExchangeError:
        return False
    assert 1 <= len(found) <= MOST_REPORTS
    whole = [read for read in found if not read.errors and read.file.endswith(".csv")]
    for read in whole:
        assert Report.from_bytes(read.body).to_bytes() == read.body
    return bool(whole)


def _zip(table: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", table)
    return out.getvalue()


if __name__ == "__main__":
    run(one)
