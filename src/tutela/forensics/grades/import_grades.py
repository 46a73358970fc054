"""Import grades that people gave elsewhere: VICS files of other tools, and CSV. What was graded is not viewed again.

A grade of a file counts as that of the person who imports it, with the file as its origin, so that a second person can
confirm or dispute it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tutela.exchange.hash_lists.entry import Listed, Unreadable
from tutela.exchange.hash_lists.vics_reader import VicsReader
from tutela.exchange.message.line_ends import CutOffError, whole_lines
from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import GradeError, ListUnreadableError
from tutela.forensics.grades.grade_book import Authenticity, GradeBook
from tutela.forensics.lists.reference_list import is_vics

_KINDS = ("sha256", "sha1", "md5")


@dataclass(slots=True)
class ImportCounts:
    """What became of a file's grades. `absent`: the case has no such item."""

    graded: int = 0
    absent: int = 0
    refused: int = 0


def import_grades(case: Case, path: Path, *, person: str, at: datetime) -> ImportCounts:
    """Import every grade of a file whose item is in the case.

    Raises ListUnreadableError for an unreadable file, of which no grade is taken.
    """
    counts, book = ImportCounts(), GradeBook(case)
    for hashes, value, authenticity in list(_grades(path)):
        found = _items(case, hashes)
        counts.absent += not found
        for sha256 in found:
            try:
                book.grade(sha256, value, authenticity, person=person, at=at, origin=path.name)
            except GradeError:
                counts.refused += 1
            else:
                counts.graded += 1
    return counts


def _grades(path: Path) -> Iterator[tuple[dict[str, str], str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            if is_vics(path):
                for one in VicsReader().read(file):
                    if isinstance(one, Listed) and one.classification:
                        hashes = {kind: one.first(kind) for kind in _KINDS}
                        yield hashes, one.classification, str(one.facts.get("authenticity", Authenticity.UNCLEAR))
                return
            for row in csv.DictReader(whole_lines(file), strict=True):
                hashes = {kind: str(row.get(kind) or "").strip().lower() for kind in _KINDS}
                yield hashes, row["value"].strip(), str(row.get("authenticity") or Authenticity.UNCLEAR).strip()
    except CutOffError as error:
        raise ListUnreadableError(f"{path}: {error}.") from None
    except (OSError, KeyError, AttributeError, UnicodeDecodeError, csv.Error, Unreadable) as error:
        raise ListUnreadableError(f"{path}: {type(error).__name__}. Columns: sha256, value, authenticity.") from None


def _items(case: Case, hashes: dict[str, str]) -> list[str]:
    """The items that have the strongest digest of an entry."""
    for kind in _KINDS:
        if hashes.get(kind):
            query = f"SELECT DISTINCT sha256 FROM item WHERE {kind} = ? AND sha256 <> '' ORDER BY sha256"  # noqa: S608
            return [str(row[0]) for row in case.rows(query, (hashes[kind],))]
    return []
