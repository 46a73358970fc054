"""Read the files of a queue in its order: small ones several at once, so that their reader works meanwhile.

The files of a portion may lie on several devices. Each device is asked once for its files of the portion, and gives
them one after the other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing

from tutela.forensics.errors import SourceUnreadableError
from tutela.forensics.sources.open_device import DeviceOpener
from tutela.forensics.sources.source_file import SourceDevice
from tutela.media import Digester, Digests

# Files and bytes of a portion. A larger file is one by itself.
_MOST_FILES, _MOST_BYTES = 64, 4 << 20
TOO_LONG, UNFINISHED = "too_large", "unfinished"


class FileReader:
    """Reads files of a case. A device is opened when its first file is read, and closed with the reader."""

    def __init__(self, opener: DeviceOpener, most: int) -> None:
        """`most`: bytes of the longest file that is held in memory."""
        self._opener, self._most, self._opened, self._stack = opener, most, dict[int, SourceDevice](), ExitStack()
        # Asked while a long file is read: whether to give it up, as `UNFINISHED`.
        self.ended: Callable[[], bool] = lambda: False

    def __enter__(self) -> FileReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(self, files: Iterable[sqlite3.Row]) -> Generator[tuple[sqlite3.Row, bytes | Digests | str]]:
        """Each file with its bytes; a longer one with its digests alone; or with the code of one that is not read."""
        for portion in _portions(files):
            with ExitStack() as stack:
                wanted = dict[int, list[sqlite3.Row]]()
                for file in portion:
                    if file["size"] <= self._most:
                        wanted.setdefault(file["device"], []).append(file)
                found = {one: stack.enter_context(closing(self._of_device(rows))) for one, rows in wanted.items()}
                for file in portion:
                    data = next(found[file["device"]]) if file["size"] <= self._most else TOO_LONG
                    yield file, self._digested(file) if data == TOO_LONG else data

    def _of_device(self, files: list[sqlite3.Row]) -> Generator[bytes | str]:
        try:
            device = self._open(files[0])
        except SourceUnreadableError:
            yield from ["unreadable"] * len(files)
            return
        for data in device.read_files([file["locator"] for file in files], self._most):
            if data is None:
                yield "unreadable"
            else:
                yield data if len(data) <= self._most else TOO_LONG

    def _digested(self, file: sqlite3.Row) -> Digests | str:
        """The digests of a file that is not held. Its device may be answering: it then starts again."""
        digester = Digester()
        try:
            for piece in self._open(file).read_pieces(file["locator"]):
                digester.update(piece)
                if self.ended():
                    return UNFINISHED
        except SourceUnreadableError:
            return "unreadable"
        return digester.digests()

    def _open(self, file: sqlite3.Row) -> SourceDevice:
        if file["device"] not in self._opened:
            device = self._opener(file["kind"], file["device_path"])
            self._stack.callback(device.close)
            self._opened[file["device"]] = device
        return self._opened[file["device"]]


def _portions(files: Iterable[sqlite3.Row]) -> Iterator[list[sqlite3.Row]]:
    portion, size = list[sqlite3.Row](), 0
    for file in files:
        if portion and (len(portion) == _MOST_FILES or size + file["size"] > _MOST_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(file)
        size += file["size"]
    if portion:
        yield portion
