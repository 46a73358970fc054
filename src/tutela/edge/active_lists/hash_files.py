"""Files of hashes as plain text, CSV or JSON Lines: one file, or all such files of a folder.

Plain text has one hash per line, optionally followed by a comma or blank and a quality; `#` starts a comment. 32 and 40
hex digits are MD5 and SHA-1; 64 are PDQ, or SHA-256 in a file that ends in `.sha256`. CSV has any of the columns
`entry_id`, `md5`, `sha1`, `sha256`, `pdq`, `quality`. A JSON line has the same names as keys, or is output of `tutela
hash`, or a video's `vpdq` as python-threatexchange writes it. A file that ends in `.vpdq` is one video with one frame
per line.

An entry without an id gets a stable id derived from its strongest hash. A PDQ hash without a quality counts as just
good enough, because publishers of PDQ hashes are expected to leave out poor ones.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from tutela.edge.errors import SourceCutOffError, SourceError, SourceUnreadableError
from tutela.exchange.message.line_ends import CutOffError, check_text, whole_lines
from tutela.exchange.message.text_cleanup import whole_number
from tutela.exchange.removal.requested_hashes import LIST_ID
from tutela.matching import MIN_QUALITY, VIDEO, Record
from tutela.media.pixels.windows import LISTED_SHARE
from tutela.media.results import OTHER_FRAMES, WHOLES
from tutela.media.video.vpdq import MAX_CHARACTERS, Feature, InvalidVpdq, read_json, read_lines

PLAIN_SUFFIXES = frozenset({".txt", ".pdq", ".md5", ".sha1", ".sha256"})
_JSON = frozenset({".jsonl", ".ndjson", ".json"})
VPDQ = ".vpdq"
ENDINGS = PLAIN_SUFFIXES | _JSON | {".csv", VPDQ}
_KINDS = {32: "md5", 40: "sha1", 64: "pdq"}
_UNREADABLE = -1


def files_of(path: Path) -> list[Path]:
    """The files of hashes at a path, in a stable order. Raises SourceError if there is none."""
    try:
        if not path.is_dir():
            path.stat()
            return [path]
        found = sorted(one for one in path.iterdir() if one.suffix.lower() in ENDINGS and not one.name.startswith("."))
    except OSError as error:
        raise SourceUnreadableError(f"{path}: {error.strerror}.") from None
    if not found:
        endings = ", ".join(sorted(ENDINGS))
        raise SourceError(
            f"{path}: the folder has no file that ends in {endings}. `tutela index build --list-id` makes a list."
        )
    return found


def records(path: Path, list_id: str = "") -> Iterator[Record]:
    """The entries of one file, unjudged: what is wrong in one is set aside when the list is built.

    `list_id`: of the list that they become. Raises SourceCutOffError where the last line has no end, SourceError where
    the file itself cannot be read as text, and for requested hashes in another list, whose matches would become
    candidates for a report.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            ending = path.suffix.lower()
            if ending == VPDQ:
                check_text(text := file.read(MAX_CHARACTERS + 1))
                yield _from_vpdq(read_lines(text))
            elif ending == ".csv":
                rows = csv.DictReader(whole_lines(file), strict=True)
                yield from (_from_row({str(k).strip().lower(): v for k, v in row.items()}) for row in rows)
            elif ending in PLAIN_SUFFIXES:
                for line in whole_lines(file):
                    text = line.partition("#")[0].strip()
                    if text:
                        yield _from_text(text, ending)
            else:
                yield from (_from_line(line, list_id) for line in whole_lines(file) if line.strip())
    except RequestedHashesError:
        raise SourceError(f"{path}: requested hashes are a list of their own. Name the file {LIST_ID}.jsonl.") from None
    except CutOffError:
        raise SourceCutOffError(f"{path}. Use the whole file. If it is whole, add a line end.") from None
    except InvalidVpdq as error:
        raise SourceError(f"{path}: {error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: {type(error).__name__}.") from None
    except OSError as error:
        raise SourceUnreadableError(f"{path}: {error.strerror}.") from None


def _from_text(text: str, ending: str) -> Record:
    value, _, rest = text.replace(",", " ").partition(" ")
    kind = "sha256" if ending == ".sha256" else _KINDS.get(len(value), "pdq")
    if kind != "pdq":
        return _record({kind: (value,)})
    return _record({}, ((value, _quality(rest.strip() or None)),))


def _from_row(row: Mapping[str, Any]) -> Record:
    def listed(name: str) -> tuple[str, ...]:
        return (row[name].strip(),) if row.get(name) else ()

    quality = _quality(str(row["quality"] or "") if "quality" in row else None)
    pdq = tuple((value, quality) for value in listed("pdq"))
    return _record({name: listed(name) for name in ("sha256", "sha1", "md5")}, pdq, row.get("entry_id"))


class RequestedHashesError(Exception):
    """Hashes whose removal somebody requested stand in a file of another list."""


def _from_line(line: str, list_id: str) -> Record:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return Record("")
    if not isinstance(value, dict):
        return Record("")
    if value.get("list_id") == LIST_ID != list_id:
        raise RequestedHashesError
    if isinstance(value.get("digests"), dict):
        return _from_hashed(value)

    def listed(name: str) -> tuple[Any, ...]:
        given = value.get(name)
        return tuple(given) if isinstance(given, list) else () if given is None else (given,)

    if "vpdq" in value:
        known = {name: listed(name) for name in ("sha256", "sha1", "md5")}
        return _from_line_of_vpdq(value["vpdq"], value.get("entry_id"), known)
    stated = value.get("quality", MIN_QUALITY)
    pdq: Any = tuple(
        (p.get("hash"), p.get("quality")) if isinstance(p, dict) else (p, stated) if isinstance(p, str) else p
        for p in listed("pdq")
    )
    return _record({name: listed(name) for name in ("sha256", "sha1", "md5")}, pdq, value.get("entry_id"))


def _from_line_of_vpdq(told: object, entry_id: object, known: Mapping[str, tuple[Any, ...]]) -> Record:
    try:
        video = _from_vpdq(read_json(told if isinstance(told, str) else json.dumps(told)), entry_id)
        return replace(video, sha256=known["sha256"], sha1=known["sha1"], md5=known["md5"])
    except InvalidVpdq as error:
        # What is wrong reaches who builds the list as the value that is set aside.
        return Record(str(entry_id or uuid5(NAMESPACE_OID, str(error))), pdq=(("", MIN_QUALITY),))


def _from_hashed(value: dict[str, Any]) -> Record:
    """Parse a line of `tutela hash`.

    No hashes are taken from a file that is not a picture: a folder holds other files too.
    """
    if (value.get("refused") or {}).get("code") == "not_a_picture":
        return Record(str(uuid5(NAMESPACE_OID, str(value["digests"].get("sha256")))))
    picture = value.get("picture") or {}
    digests, frames = value["digests"], picture.get("frames") or ()
    moves = bool(picture.get("video"))
    # A video is known by the frames that show something; that others do not is nothing to be set aside.
    frames = [_fit(frame, moves) for frame in frames if not (moves and _is_poor(frame.get("quality")))]
    pdq: Any = tuple(look for frame in frames for look in _looks(frame))
    entry_id = str(uuid5(NAMESPACE_OID, str(digests.get("sha256"))))
    kinds = ((digests.get("sha256"),), (digests.get("sha1"),), (digests.get("md5"),))
    return Record(entry_id, *kinds, pdq, VIDEO if moves else 0)


def _fit(frame: dict[str, Any], moves: bool) -> dict[str, Any]:
    """A frame with those of its parts that a list may hold; of a video's without those that show nothing."""
    parts = [
        one
        for one in frame.get("windows") or ()
        if one.get("covers", 0) >= LISTED_SHARE and one.get("kind") not in OTHER_FRAMES
    ]
    return frame | {"windows": [one for one in parts if not (moves and _is_poor(one.get("quality")))]}


def _is_poor(quality: object) -> bool:
    return isinstance(quality, int) and 0 <= quality < MIN_QUALITY


def _from_vpdq(given: Sequence[Feature], entry_id: object = None) -> Record:
    """A video out of its vPDQ hash. Without an id it gets one out of all that it is known by."""
    known = tuple((one.pdq.hex(), one.quality) for one in given if not _is_poor(one.quality))
    named = entry_id or (uuid5(NAMESPACE_OID, "vpdq:" + ",".join(value for value, _ in known)) if known else "")
    return Record(str(named), pdq=known, flags=VIDEO)


def _looks(frame: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    yield frame.get("pdq"), frame.get("quality"), frame.get("structure") or "", False
    for window in frame.get("windows") or ():
        yield window.get("pdq"), window.get("quality"), window.get("structure"), window.get("kind") not in WHOLES


def _record(
    digests: Mapping[str, tuple[Any, ...]], pdq: tuple[tuple[Any, Any], ...] = (), entry_id: object = None
) -> Record:
    if not entry_id:
        named = [(kind, values[0]) for kind, values in digests.items() if values]
        kind, value = named[0] if named else ("pdq", pdq[0][0] if pdq else "")
        entry_id = uuid5(NAMESPACE_OID, f"{kind}:{str(value).lower()}") if value else ""
    return Record(str(entry_id), digests.get("sha256", ()), digests.get("sha1", ()), digests.get("md5", ()), pdq)


def _quality(text: str | None) -> int:
    if text is None:
        return MIN_QUALITY
    return found if (found := whole_number(text)) is not None else _UNREADABLE
