"""Journal of items that passed while no Edge answered: one line of JSON per name, and no hashes."""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tutela.edge.errors import EdgeAwayError, ItemRefusedError
from tutela.matching.files.snapshot_writer import write_atomically


def keep(journal: Path, names: dict[str, str]) -> None:
    """Add an item; durable on return."""
    with _locked(journal) as file:
        _append(file, json.dumps(names))


def rescan(journal: Path, scan: Callable[[dict[str, str]], None]) -> int:
    """Scan every pending item, and return how many are still pending.

    `scan` raises EdgeAwayError if the item and all after it must wait, and ItemRefusedError if the item will never be
    accepted. Any other error ends the work; finished items stay finished. The journal is locked only while it is read
    or written.
    """
    if not journal.exists():
        return 0
    with _sibling(journal, "lock").open("a") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return len(_lines(journal))
        done: Counter[str] = Counter()
        try:
            for line in _lines(journal):
                _one(journal, line, scan)
                done[line] += 1
        except EdgeAwayError:
            pass
        finally:
            left = _without(journal, done)
    return left


def _one(journal: Path, line: str, scan: Callable[[dict[str, str]], None]) -> None:
    try:
        scan(_names(line))
    except ItemRefusedError as error:
        with _locked(_sibling(journal, "refused")) as file:
            _append(file, json.dumps({"line": line, "reason": str(error)}))


def _names(line: str) -> dict[str, str]:
    try:
        names = json.loads(line)
    except ValueError:
        names = None
    if not isinstance(names, dict) or not all(isinstance(one, str) for one in names.values()) or "item" not in names:
        raise ItemRefusedError("The line is incomplete.")
    return names


def _lines(journal: Path) -> list[str]:
    with _locked(journal) as file:
        return [line for line in file.read().splitlines() if line]


def _without(journal: Path, done: Counter[str]) -> int:
    """Take out what is done; what was added meanwhile stays."""
    left = []
    with _locked(journal) as file:
        for line in file.read().splitlines():
            if done[line]:
                done[line] -= 1
            elif line:
                left.append(line)
        write_atomically(journal, "".join(f"{line}\n" for line in left).encode())
    return len(left)


def _append(file: Any, line: str) -> None:
    # Behind a line that a power cut tore, this one begins a line of its own.
    size = file.seek(0, os.SEEK_END)
    torn = size and os.pread(file.fileno(), 1, size - 1) != b"\n"
    file.write(("\n" if torn else "") + line + "\n")
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def _locked(path: Path) -> Iterator[Any]:
    """The file, held against other processes; opened again if it was replaced meanwhile."""
    while True:
        with path.open("a+", encoding="utf-8", errors="replace") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.fstat(file.fileno()).st_ino == path.stat().st_ino:
                file.seek(0)
                yield file
                return


def _sibling(journal: Path, ending: str) -> Path:
    return journal.with_name(f"{journal.name}.{ending}")
