"""Compare an old case with a newer version of one of its lists: hits on entries that are gone are flagged.

An entry may come back under another ID, because the newer version knows a stronger digest of it. An item that the newer
version finds by its digests is not flagged.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

import numpy as np

from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import CaseChangedError
from tutela.matching import MatchList, Snapshot
from tutela.media import Digests

_HITS = "SELECT DISTINCT md5, sha1, sha256, size, matches FROM item WHERE matches <> '[]' AND sha256 <> ''"


def flag_withdrawn(case: Case, list_number: int, newer: Snapshot, *, at: datetime) -> int:
    """Flag the items whose entry is not in the newer version; returns how many different items are flagged now.

    An item that a newer version has again is not flagged any more. Raises CaseChangedError for an unknown list.
    """
    if not case.count("SELECT count(*) FROM list WHERE id = ?", (list_number,)):
        raise CaseChangedError(f"There is no list {list_number}.")
    gone = set[str]()
    there = MatchList.load(newer, list_id=str(list_number), version=1, source="newer")
    for row in case.each(_HITS):
        entries = [UUID(one["entry"]) for one in json.loads(row["matches"]) if one["list"] == list_number]
        digests = Digests(row["md5"], row["sha1"], row["sha256"], row["size"])
        if entries and not any(_has(newer, entry) for entry in entries) and not there.match(digests, ()):
            gone.add(row["sha256"])
    with case.transaction():
        case.connection.execute("DELETE FROM withdrawn WHERE list = ?", (list_number,))
        values = [(sha256, list_number, at.isoformat()) for sha256 in sorted(gone)]
        case.connection.executemany("INSERT INTO withdrawn VALUES (?, ?, ?)", values)
    return len(gone)


def _has(snapshot: Snapshot, entry: UUID) -> bool:
    row = int(np.searchsorted(snapshot.entries["id"], np.frombuffer(entry.bytes, "S16"))[0])
    return row < len(snapshot) and snapshot.entry_id(row) == entry
