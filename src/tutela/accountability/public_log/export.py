"""Everything by which somebody else checks this node, as one file: the public log, its policy, the policies of the
register that it names, the chain's checkpoints.

It is written as it is read, so that a log of any length needs no room; the log's checkpoint goes in first, so that
whatever is appended meanwhile is more than it names and never less.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from tutela import clock
from tutela.accountability.chain import sequencer
from tutela.accountability.public_log import log
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting


def everything(actor: Actor) -> Iterator[bytes]:
    """A tar file, piece by piece; that it was taken is on record."""
    actor.require("audit.verify")
    with acting(actor):
        record(actor, "audit.taken", "log", log.origin())
    return _pieces()


def _pieces() -> Iterator[bytes]:
    out = _Pieces()
    with tarfile.open(mode="w|", fileobj=out) as tar:
        _add(tar, "policy", log.policy_text().encode())
        for path_below, data in log.beside():
            _add(tar, f"log/{path_below}", data)
        for name, path in _files():
            _add(tar, name, path.read_bytes())
            yield from out.taken()
    yield from out.taken()


def _files() -> Iterator[tuple[str, Path]]:
    folder, chain = log.folder(), sequencer.checkpoint_file()
    if (checkpoint := folder / "checkpoint").exists():
        yield "log/checkpoint", checkpoint
    if chain.exists():
        yield "checkpoints.jsonl", chain
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        if path.is_file() and path.name != "checkpoint" and not path.name.startswith(".") and "tile" in path.parts:
            yield f"log/{path.relative_to(folder)}", path


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(data), 0o644, int(clock.now().timestamp())
    tar.addfile(entry, io.BytesIO(data))


class _Pieces(io.RawIOBase):
    """What was written and not taken yet."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = list[bytes]()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: object) -> int:
        """Keep a piece."""
        piece = bytes(data)  # type: ignore[call-overload]
        self._waiting.append(piece)
        return len(piece)

    def taken(self) -> list[bytes]:
        """The pieces, which are then no longer kept."""
        found, self._waiting = self._waiting, []
        return found
