"""Log in a folder of plain files, written so that a kill at any moment leaves a log that verifies.

The order of one publication, each file synced before the next step begins:

1. Tiles and entry bundles of the new size; nothing refers to them yet.
2. `pending`, the signed checkpoint: from here on this size has one root only, whatever happens.
3. Cosignatures are collected (`witness`), and `pending` is replaced by the note that has them.
4. `pending` becomes `checkpoint`, which readers see.

A start that finds `pending` continues with it: a log that signed one tree and published another would be a fork.
Entries are not stored twice: the caller must be able to supply the same entries again until they are published.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tutela.tlog.frontier import Frontier
from tutela.tlog.signing import Signer, sign
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.tiles import Tiles, tile_path
from tutela.tlog.verify import TILE, Checkpoint, Key, Refused, leaf_hash, open_note, root_of, split_note

MOST_ENTRY = 65_535


class LogError(RuntimeError):
    """The folder does not hold the expected log; the text gives the reason. Nothing is written."""


@dataclass(frozen=True, slots=True)
class Log:
    """The log `origin` in `folder`, signed by `signers` of that name.

    `earlier` are keys rotated away or revoked: what the log itself signed under them it can read, and go on from.
    """

    folder: Path
    origin: str
    signers: Sequence[Signer]
    earlier: Sequence[Key] = ()

    @property
    def keys(self) -> list[Key]:
        """The public keys of the log, those it has signed with before included."""
        now = [signer.key for signer in self.signers]
        return [*now, *(key for key in self.earlier if key not in now)]

    def published(self) -> Checkpoint:
        """The checkpoint that readers see; that of the empty log before the first."""
        return self._read("checkpoint") or Checkpoint(self.origin, 0, root_of(()))

    def pending(self) -> Checkpoint | None:
        """A checkpoint that is signed and not yet published."""
        return self._read("pending")

    def fetch(self, path: str) -> bytes:
        """The bytes of a tile, or of anything else in the folder."""
        return (self.folder / path).read_bytes()

    def tree(self, size: int) -> Tree:
        """The tree of the first `size` entries, for proofs."""
        return Tree(self.fetch, size)

    def entry(self, index: int, size: int) -> bytes:
        """One entry of the tree of `size`."""
        number, at = divmod(index, TILE)
        width = min(TILE, size - number * TILE)
        return Tiles(self.fetch).entries(number, width)[at]

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """One writer at a time. Raises `LogError` when another process writes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LogError("another process is writing this log") from None
            yield

    def sign(self, entries: Sequence[bytes], at: datetime) -> Checkpoint:
        """Steps 1 and 2: append and sign.

        While a checkpoint is pending it is returned, and no entry added. Missing signatures of the present keys are
        added to the pending one. Without entries the published tree is signed again. Hold the log meanwhile. Raises
        `LogError` for an entry that is too long.
        """
        waiting = self.pending()
        if waiting is not None:
            if not self.signed_now("pending"):
                self._put("pending", self.completed(self.fetch("pending"), at))
            return waiting
        if any(len(entry) > MOST_ENTRY for entry in entries):
            raise LogError(f"an entry must have at most {MOST_ENTRY} bytes")
        before = self.published()
        size = before.size + len(entries)
        self._write_tiles(before.size, entries)
        checkpoint = Checkpoint(self.origin, size, self.tree(size).root)
        self._put("pending", sign(str(checkpoint), self.signers, at))
        return checkpoint

    def signed_now(self, name: str = "checkpoint") -> bool:
        """Whether every present key has signed the stored note; True if there is none. Raises `LogError`."""
        try:
            note = self.fetch(name)
        except FileNotFoundError:
            return True
        self._opened(note, name)
        return {signer.key for signer in self.signers} <= open_note(note, self.keys).signers.keys()

    def completed(self, note: bytes, at: datetime) -> bytes:
        """A note of this log with the signatures that it lacks of the present keys. Its tree stays the same."""
        text, signers = split_note(note)[0], open_note(note, self.keys).signers
        lacking = [signer for signer in self.signers if signer.key not in signers]
        return note + "".join(signer.line(text, at) for signer in lacking).encode()

    def take(self, entries: Sequence[bytes], note: bytes) -> Checkpoint:
        """Continue to a checkpoint that this log signed before and lost. `entries`: those missing here.

        Hold the log meanwhile. Raises `LogError` if they do not lead to it, or contradict what is signed here.
        """
        checkpoint, before, waiting = self._opened(note, "the checkpoint"), self.published(), self.pending()
        edge = Frontier.of(before.size, self.tree(before.size).peaks(), before.root)
        for entry in entries:
            edge.append(leaf_hash(entry))
            if waiting is not None and edge.size == waiting.size and edge.root != waiting.root:
                raise LogError("the signed and the published tree differ: this log has forked")
        if (edge.size, edge.root) != (checkpoint.size, checkpoint.root):
            raise LogError("the published entries do not lead to the checkpoint")
        if waiting is not None and waiting.size > checkpoint.size:
            raise LogError("the log has signed more than the copy contains; nothing can be restored from it")
        self._write_tiles(before.size, entries)
        self._put("pending", note)
        return self.publish()

    def add_signatures(self, lines: Sequence[str]) -> None:
        """Step 3: put cosignature lines, verified before, under the pending checkpoint."""
        note = self.fetch("pending").decode()
        new = [line for line in lines if line not in note]
        if new:
            self._put("pending", (note + "".join(new)).encode())

    def publish(self) -> Checkpoint:
        """Step 4. Raises `LogError` when nothing is pending, or when it does not continue what is published."""
        waiting, before = self.pending(), self.published()
        if waiting is None:
            raise LogError("nothing is pending")
        if waiting.size < before.size or self.tree(before.size).root != before.root:
            raise LogError("the pending checkpoint does not continue the published one")
        (self.folder / "pending").replace(self.folder / "checkpoint")
        _sync(self.folder)
        self._tidy(before.size, waiting.size)
        return waiting

    def _tidy(self, before: int, size: int) -> None:
        """Remove partial tiles that a full one now stands for."""
        for level in ("entries", *range(8)):
            span = TILE if level == "entries" else TILE ** (int(level) + 1)
            for number in range(before // span, size // span):
                shutil.rmtree(self.folder / f"{tile_path(level, number)}.p", ignore_errors=True)

    def _read(self, name: str) -> Checkpoint | None:
        try:
            data = self.fetch(name)
        except FileNotFoundError:
            return None
        return self._opened(data, name)

    def _opened(self, data: bytes, name: str) -> Checkpoint:
        try:
            checkpoint = Checkpoint.parse(open_note(data, self.keys).text)
        except Refused as error:
            raise LogError(f"{name} is not signed by this log: {error}") from None
        if checkpoint.origin != self.origin:
            raise LogError(f"{name} belongs to another log, {checkpoint.origin}")
        return checkpoint

    def _write_tiles(self, before: int, entries: Sequence[bytes]) -> None:
        size, first = before + len(entries), before // TILE
        kept = list(self._kept(before))
        bundles = [*kept, *entries]
        hashes = [leaf_hash(entry) for entry in bundles]
        for at in range(0, len(bundles), TILE):
            width = len(bundles[at : at + TILE])
            number = first + at // TILE
            body = b"".join(len(entry).to_bytes(2) + entry for entry in bundles[at : at + TILE])
            self._put(tile_path("entries", number, width), body)
        self._write_level(0, first, hashes)
        for level in range(1, 8):
            if size // TILE**level == 0:
                break
            hashes = [root_of(hashes[at : at + TILE]) for at in range(0, len(hashes) - len(hashes) % TILE, TILE)]
            below, first = first, first // TILE
            older = self._older(level, below, before) if below % TILE else []
            hashes = [*older, *hashes]
            if len(hashes) > len(older):
                self._write_level(level, first, hashes)

    def _write_level(self, level: int, first: int, hashes: Sequence[bytes]) -> None:
        for at in range(0, len(hashes), TILE):
            chosen = hashes[at : at + TILE]
            self._put(tile_path(level, first + at // TILE, len(chosen)), b"".join(chosen))

    def _kept(self, before: int) -> Iterator[bytes]:
        """The entries of the last bundle, if it is not full."""
        number, width = divmod(before, TILE)
        if width:
            yield from Tiles(self.fetch).entries(number, width)

    def _older(self, level: int, upto: int, before: int) -> list[bytes]:
        """The hashes already in the last, not full tile of this level, those of the tiles below number `upto`."""
        number, width = divmod(before // TILE**level, TILE)
        tile = self.fetch(tile_path(level, number, width)) if width else b""
        return [tile[at : at + 32] for at in range(0, len(tile), 32)][: upto % TILE]

    def _put(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.new")
        with fresh.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(target)
        _sync(target.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
