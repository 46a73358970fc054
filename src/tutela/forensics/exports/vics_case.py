"""A case as Project VIC's data model, 1.3 or 2.0: pictures and videos with every place, and human grades alone.

A file that a list has is written even if it was not decoded, for example because of its length.

What a list says of an item is a proposal and is not written. An item without a grade has no category.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, TextIO

from tutela.exchange.hash_lists.entry import Listed, ListedFile
from tutela.exchange.hash_lists.vics_writer import VicsWriter
from tutela.forensics.case_folder.case import Case
from tutela.forensics.exports.item_rows import moment
from tutela.forensics.file_classes import FileClass, class_of_name
from tutela.forensics.grades.grade_book import Grade, GradeBook
from tutela.forensics.items.classes import LISTED, ItemClass, ItemKind

VERSIONS = ("2.0", "1.3")
_ROWS = """
SELECT item.*, device.label AS device, file.modified, file.created, file.deleted
FROM item JOIN file ON file.id = item.file JOIN device ON device.id = file.device
WHERE item.md5 <> '' AND item.class <> ? AND (item.kind IN (?, ?) OR item.kind = ? AND item.class IN (?, ?, ?))
ORDER BY item.md5, item.sha256, item.id
"""


def write_vics(
    case: Case, out: TextIO, *, version: str, categories: Mapping[str, int], profile: str = "Default"
) -> dict[str, int]:
    """Write a case and return what the format left out, by name. `categories`: the number of each grade.

    Raises DisputedError while a grade is disputed, ValueError for an unknown version or profile.
    """
    book = GradeBook(case)
    book.require_no_dispute()
    allowed = case.allowed
    head = {
        "CaseID": str(case.case_id),
        "CaseNumber": allowed.reference,
        "ContactOrganization": allowed.authority,
        "ContactName": allowed.person,
        "SourceApplicationName": "Tutela",
    }
    writer = VicsWriter(version, dict(categories), profile, head)
    writer.write(out, _entries(case, book))
    return writer.left.names


def _entries(case: Case, book: GradeBook) -> Iterator[Listed]:
    kinds = (ItemKind.PICTURE, ItemKind.VIDEO, ItemKind.UNDECODED)
    rows = case.each(_ROWS, (ItemClass.IGNORABLE, *kinds, *LISTED))
    graded = bool(case.count("SELECT count(*) FROM grade"))
    for number, (_, group) in enumerate(groupby(rows, key=lambda row: (row["md5"], row["sha256"])), 1):
        places = [dict(row) for row in group]
        yield _entry(number, places, book.find(places[0]["sha256"]) if graded else None)


def _entry(number: int, places: list[dict[str, Any]], grade: Grade | None) -> Listed:
    row = places[0]
    hashes: dict[str, tuple[str, ...]] = {kind: (row[kind],) for kind in ("md5", "sha1", "sha256")}
    if row["pdq"] is not None:
        hashes["pdq"] = (row["pdq"].hex(),)
    facts: dict[str, str | int | bool] = {"media_id": number, "size": row["size"], "mime_type": _media_type(row)}
    if grade and grade.authenticity:
        facts["authenticity"] = grade.authenticity
    return Listed(
        str(number),
        hashes,
        "video" if _is_video(row) else "image",
        row["quality"],
        grade.value if grade else "",
        facts=facts,
        files=tuple(map(_place, places)),
    )


def _media_type(row: dict[str, Any]) -> str:
    kind = "video" if _is_video(row) else "image"
    return f"{kind}/{row['format'].lower()}" if row["format"].isalnum() else kind


def _is_video(row: dict[str, Any]) -> bool:
    """Whether an item is a video; what was not decoded is one by its name."""
    if row["kind"] == ItemKind.UNDECODED:
        return class_of_name(row["name"]) is FileClass.VIDEO
    return bool(row["kind"] == ItemKind.VIDEO)


def _place(row: dict[str, Any]) -> ListedFile:
    folder, _, name = f"{row['device']}/{row['name']}".rpartition("/")
    times = moment(row["created"]), moment(row["modified"])
    return ListedFile(name, folder.replace("/", "\\"), *times, bool(row["deleted"]))
