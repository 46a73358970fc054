"""PhotoDNA values: never computed here, only those that a licensed tool supplied are compared with those of lists.

A supplied file is CSV with the columns `sha256` and `photodna` (144 bytes in base64 or hex). Two values agree when the
sum of their squared differences is at most 50,000, the threshold that open forensic tools use.
"""

from __future__ import annotations

import base64
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutela.exchange.hash_lists.entry import PHOTODNA_BYTES, photodna
from tutela.exchange.message.line_ends import CutOffError, whole_lines
from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import ListUnreadableError

MOST_DISTANCE = 50_000
_LISTED_AT_ONCE = 100_000


def photodna_bytes(text: str) -> bytes | None:
    """A value of a list in bytes; None for none."""
    return base64.b64decode(text) if text else None


def add_supplied_values(case: Case, path: Path) -> int:
    """Take the values of a licensed tool into the case; returns their number. Raises ListUnreadableError."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(_supplied(csv.DictReader(whole_lines(file), strict=True)))
    except CutOffError as error:
        raise ListUnreadableError(f"{path}: {error}.") from None
    except (OSError, KeyError, ValueError, UnicodeDecodeError, csv.Error) as error:
        raise ListUnreadableError(f"{path}: {type(error).__name__}. Columns: sha256, photodna.") from None
    with case.transaction():
        case.connection.executemany("INSERT OR REPLACE INTO supplied_photodna VALUES (?, ?)", rows)
    return len(rows)


def _supplied(rows: csv.DictReader[str]) -> Iterator[tuple[str, bytes]]:
    for row in rows:
        sha256 = row["sha256"].strip().lower()
        if len(bytes.fromhex(sha256)) != 32:
            raise ValueError("sha256")
        yield sha256, base64.b64decode(photodna(row["photodna"]))


class PhotoDnaLists:
    """Values of the case's lists, compared in portions: memory does not grow with the lists."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.listed = case.count("SELECT count(*) FROM list_entry WHERE photodna IS NOT NULL")

    def near(self, value: bytes) -> list[tuple[int, bytes, int]]:
        """(list, entry, distance) of every listed value that agrees, nearest first."""
        found = list[tuple[int, bytes, int]]()
        asked = np.frombuffer(value, np.uint8).astype(np.int32)
        for names, listed in self._portions():
            apart = ((listed.astype(np.int32) - asked) ** 2).sum(axis=1)
            found += [(*names[at], int(apart[at])) for at in np.flatnonzero(apart <= MOST_DISTANCE).tolist()]
        return sorted(found, key=lambda one: (one[2], one[0], one[1]))

    def _portions(self) -> Iterator[tuple[list[tuple[int, bytes]], NDArray[np.uint8]]]:
        rows = self._case.connection.execute(
            "SELECT list, entry, photodna FROM list_entry WHERE photodna IS NOT NULL ORDER BY list, entry"
        )
        while portion := rows.fetchmany(_LISTED_AT_ONCE):
            values = np.frombuffer(b"".join(row[2] for row in portion), np.uint8).reshape(-1, PHOTODNA_BYTES)
            yield [(row[0], row[1]) for row in portion], values
