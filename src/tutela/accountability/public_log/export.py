"""Export of all data needed to verify this node, as one file.

The file contains the public log, its policy, the register policies that the log names, and the chain's checkpoints. The
file is streamed, so a log of any length needs no disk space. The log's checkpoint is written first, so entries appended
meanwhile only add to what the checkpoint covers.
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
        for path_below, data in log.extra_files():
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
    """Buffer of pieces that were written and not yet taken."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = list[bytes]()

    def writable(self) -> bool:
        """Return true."""
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
