"""Fingerprints as the lines of a message, and read from one.

    for trusted_adult
    file 9f86d081884c7d65 video
    md5 …
    sha256 …
    pdq …

The first line stands in the first message of a representative. The lines of one file may stand in several messages: a
long video comes in parts. A message that a person writes has none of these lines, or they count the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tutela.victims.models import ActsFor

_FOR = re.compile(r"for ([a-z_]{3,13})")
_FILE = re.compile(r"file ([0-9a-f]{8,32}) (picture|video)")
_HASH = re.compile(r"(md5) ([0-9a-f]{32})|(sha256|pdq) ([0-9a-f]{64})")
REPRESENTATIVES = tuple(one.value for one in ActsFor if one is not ActsFor.SELF)
# Of the empty file, and of a picture without structure: they mean nothing.
MEANINGLESS = frozenset(
    {
        "d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "0" * 64,
        "f" * 64,
    }
)
type Hash = tuple[str, str]


@dataclass(frozen=True)
class FileHashes:
    """The hashes of one file that a message has, as (type, hexadecimal digits)."""

    file_id: str
    video: bool
    hashes: list[Hash] = field(repr=False)


@dataclass(frozen=True)
class ReadLines:
    """What a message says in lines of this form. `acts_for` is empty if it says nothing."""

    acts_for: str
    files: list[FileHashes]


def written(file_id: str, *, video: bool, hashes: Iterable[Hash], acts_for: str = "") -> str:
    """The message with the hashes of one file, or of a part of it."""
    first = [f"for {acts_for}"] if acts_for else []
    lines = [
        *first,
        f"file {file_id} {'video' if video else 'picture'}",
        *(f"{kind} {value}" for kind, value in hashes),
    ]
    return "\n".join(lines)


def read(text: str, unnamed: str) -> ReadLines:
    """The lines of a message. Hashes before a line of a file belong to a file with the ID `unnamed`."""
    acts_for, files = "", list[FileHashes]()
    for line in text.splitlines():
        said = line.strip()
        if (found := _FOR.fullmatch(said)) and not files and found[1] in REPRESENTATIVES:
            acts_for = found[1]
        elif found := _FILE.fullmatch(said):
            files.append(FileHashes(found[1], found[2] == "video", []))
        elif found := _HASH.fullmatch(said):
            if not files:
                files.append(FileHashes(unnamed, video=False, hashes=[]))
            if (digits := found[2] or found[4]) not in MEANINGLESS:
                files[-1].hashes.append((found[1] or found[3], digits))
    return ReadLines(acts_for, [one for one in files if one.hashes])


def file_of(line: str) -> str:
    """The ID of the file that a line names; empty for another line."""
    found = _FILE.fullmatch(line.strip())
    return found[1] if found else ""


def is_written_by_script(line: str) -> bool:
    """Whether a line has one of the forms of this module, not words of a person."""
    return any(one.fullmatch(line.strip()) for one in (_FOR, _FILE, _HASH))
