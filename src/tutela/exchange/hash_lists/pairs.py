"""Pairs of type and hash, one per line, for python-threatexchange's `local_file` exchange and HMA."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from tutela.exchange.hash_lists.entry import Left, Listed

_NAMES = {("image", "pdq"): "pdq", ("video", "md5"): "video_md5", ("video", "vpdq"): "vpdq"}


class PairsWriter:
    """Writes one file; `left` counts what those signals cannot say: everything but a hash."""

    def __init__(self) -> None:
        self.left, self.written = Left(), 0

    def write(self, file: TextIO, entries: Iterable[Listed]) -> None:
        """Every hash that is a signal of theirs."""
        for one in entries:
            self.left.note_rest(one)
            for kind, values in one.hashes.items():
                name = _NAMES.get((one.media_type, kind))
                for value in values:
                    if name is None:
                        self.left.note(f"{kind} of {one.media_type}s")
                        continue
                    file.write(f"{name} {value}\n")
                    self.written += 1
