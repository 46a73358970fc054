"""Commands `tutela match` and `tutela compare`.

`tutela match` compares hashes with lists. `tutela compare` compares the hashes of two videos.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tutela.app.cli.exit_codes import Exit, explained, fail
from tutela.app.cli.offline import lists
from tutela.app.cli.offline.scan import Agree, Lists
from tutela.app.cli.output import echo
from tutela.matching import MIN_QUALITY, THRESHOLDS, percentages
from tutela.matching.video import tmk
from tutela.media import FrameHash
from tutela.media.video.vpdq import MAX_CHARACTERS, Feature, InvalidVpdq, read_json, read_lines
from tutela.scan.item_json import as_json

# The reference vpdq writes its lines into a file that ends in .txt.
VPDQ, TMK = (".vpdq", ".txt"), ".tmk"


def match(
    value: Annotated[str, typer.Argument(help="A digest in hex, a PDQ hash with --quality, or a .vpdq or .txt file.")],
    list_: Lists = None,
    quality: Annotated[int | None, typer.Option(min=0, max=100, help="Quality of the PDQ hash.")] = None,
    agree: Agree = None,
) -> None:
    """Look up one hash in lists: of a file, a picture, or a video (vPDQ, as lines or JSON)."""
    video = value.lower().endswith(VPDQ)
    family = "pdq" if quality is not None else {32: "md5", 40: "sha1", 64: "sha256"}.get(len(value), "")
    if not video and (not family or not _is_hex(value) or (family == "pdq" and len(value) != 64)):
        raise fail(
            "give 32, 40 or 64 hex digits, or a .vpdq or .txt file; a PDQ hash has 64 digits and needs --quality",
            Exit.USAGE,
        )
    with explained(), ExitStack() as stack:
        opened = [lists.load(path, agree or ()) for path in lists.some(list_ or [])]
        stack.callback(opened.clear)
        asked = _Asked(**{family: value} if family != "pdq" and not video else {})
        frames = _frames(Path(value)) if video else [_picture(value, quality or 0)] if family == "pdq" else []
        found = [hit for one in opened for hit in one.match(asked, frames)]
        echo(json.dumps(as_json(found), indent=2))
    if quality is not None and quality < MIN_QUALITY:
        echo(f"a hash with a quality below {MIN_QUALITY} is never compared", err=True)
    raise typer.Exit(Exit.MATCHES if found else Exit.NOTHING)


def compare(
    one: Annotated[Path, typer.Argument(help="Hash of a video: .vpdq or .txt (lines or JSON), or .tmk.")],
    other: Annotated[Path, typer.Argument(help="Hash of another video, of the same kind; for vPDQ the compared one.")],
) -> None:
    """Compare the hashes of two videos. Exits with 1 if they match by the usual thresholds, otherwise with 0.

    vPDQ: prints the share of the first video's frames that are in the second, and the reverse. TMK: levels 1 and 2.
    """
    with explained():
        if {one.suffix.lower(), other.suffix.lower()} == {TMK}:
            found, agree = _compare_tmk(one, other)
        elif {one.suffix.lower(), other.suffix.lower()} <= {*VPDQ}:
            bags = [[(frame.pdq, frame.quality) for frame in _read(path)] for path in (one, other)]
            query, compared = percentages(*bags)
            agree = any(pair.reached(query, compared) for pair in THRESHOLDS)
            found = {"query_percent": round(query, 2), "compared_percent": round(compared, 2)}
        else:
            raise fail("give two .vpdq or .txt files, or two .tmk files", Exit.USAGE)
    echo(json.dumps(found | {"agree": agree}))
    raise typer.Exit(Exit.MATCHES if agree else Exit.NOTHING)


def _compare_tmk(one: Path, other: Path) -> tuple[dict[str, float], bool]:
    try:
        first, second = (tmk.read(_bytes(path, tmk.MAX_BYTES)) for path in (one, other))
        scores = tmk.compare(first, second)
    except tmk.TmkError as error:
        raise fail(str(error), Exit.USAGE) from None
    return {"level_1": round(scores.level_1, 6), "level_2": round(scores.level_2, 6)}, scores.agree


@dataclass(frozen=True, slots=True)
class _Asked:
    md5: str = ""
    sha1: str = ""
    sha256: str = ""


def _picture(value: str, quality: int) -> FrameHash:
    return FrameHash(0, bytes.fromhex(value), quality, (bytes.fromhex(value),))


def _frames(path: Path) -> list[FrameHash]:
    return [
        FrameHash(place, one.pdq, one.quality, (one.pdq,), time_ms=round(one.seconds * 1000))
        for place, one in enumerate(_read(path))
    ]


def _read(path: Path) -> list[Feature]:
    try:
        text = _bytes(path, MAX_CHARACTERS).decode()
        return read_json(text.strip()) if text.lstrip().startswith("[") else read_lines(text)
    except (InvalidVpdq, UnicodeDecodeError) as error:
        raise fail(f"{path}: {error}", Exit.USAGE) from None


def _bytes(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise fail(f"{path}: {error.strerror}", Exit.USAGE) from None
    if len(data) > most:
        raise fail(f"{path}: more than {most} bytes", Exit.USAGE)
    return data


def _is_hex(text: str) -> bool:
    return all(char in "0123456789abcdefABCDEF" for char in text)
