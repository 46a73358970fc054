"""Index file: built once, opened in a second, shared by every process of a machine.

The release that a recipient downloads is a snapshot (`layout`): the same bytes for everybody. From it a holder builds
its own index file (`container` around `payload`), sealed with its own key. One holder decrypts the file into anonymous
memory that no process can change any longer, including the holder. The workers get its descriptor and read the same
pages.

    write_index(path, index, key=key, binding=b"list-a 7")
    with SharedIndex.open(path, key=key, binding=b"list-a 7") as shared:
        ...  # pass shared.fd to a worker (fork, `pass_fds`, SCM_RIGHTS), which says SharedIndex.attach(fd)
        shared.index.query(queries, 31)
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tutela.matching.errors import IndexFileError
from tutela.matching.files import payload
from tutela.matching.files.container import PLAIN_AT, read_header, write_container
from tutela.matching.files.sealed_memory import mapped, require_sealed, sealed_memory
from tutela.matching.files.unsealing import unseal, verify_plain
from tutela.matching.index.hamming_index import HammingIndex, View
from tutela.matching.index.layer import merged

THREADS = 2


def write_index(path: Path, index: HammingIndex | View, *, key: bytes | None, binding: bytes) -> None:
    """Write the index's current content, with its postings, to `path` in one crash-safe step.

    `key` (32 bytes) seals it; None leaves it readable, for lists that are not secret. `binding` identifies the indexed
    content (a list and its version, or the digest of its snapshot): the file opens for this binding alone. Raises
    OSError.
    """
    view = index.view() if isinstance(index, HammingIndex) else index
    whole = len(view.layers) == 1 and view.layers[0].dead is None
    layer = view.layers[0] if whole else merged(view.layers)
    write_container(path, payload.parts(layer), binding=binding, key=key)


def map_index(path: Path, *, binding: bytes, threads: int = THREADS) -> HammingIndex:
    """Verify a plain index file and return an index that searches it in place. Raises IndexFileError with the reason.

    The file must not be changed in place afterwards (`write_index` safely replaces it by a rename).
    """
    with _opened(path) as file:
        header = read_header(file, binding=binding)
        verify_plain(file, header, threads=threads)
        view = mapped(file, PLAIN_AT + header.size)
        return HammingIndex.over(payload.layer_of(memoryview(view)[PLAIN_AT:]))


def opened_memory(
    path: Path, *, key: bytes, binding: bytes, threads: int = THREADS, spared: Callable[[int], None] | None = None
) -> int:
    """The descriptor of new sealed memory with the content of a sealed container. Raises IndexFileError.

    No clear byte touches a disk: the memory has no name, and it is left out of core dumps. `spared` may give back pages
    (`sealed_memory.give_back`) before it is sealed.
    """
    with _opened(path) as file:
        header = read_header(file, binding=binding)
        with sealed_memory(header.size) as memory:
            unseal(file, header, key, memory, threads=threads)
            if spared is not None:
                spared(memory)
        return memory


class SharedIndex:
    """An index in sealed memory. Closing gives up the descriptor; what was mapped lives as long as its readers."""

    def __init__(self, fd: int) -> None:
        """Takes over the descriptor of sealed memory, which has been verified. Use `open` or `attach`."""
        self.fd = fd
        try:
            self.index = HammingIndex.over(payload.layer_of(memoryview(mapped(fd, os.fstat(fd).st_size))))
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(cls, path: Path, *, key: bytes, binding: bytes, threads: int = THREADS) -> Self:
        """Decrypt and verify a sealed file into new memory (`opened_memory`). Raises IndexFileError with the reason."""
        return cls(opened_memory(path, key=key, binding=binding, threads=threads))

    @classmethod
    def attach(cls, fd: int) -> Self:
        """The index of another process by its descriptor, which stays the caller's. Raises IndexFileError."""
        require_sealed(fd)
        return cls(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 0))

    def close(self) -> None:
        """Give up the descriptor. Views that are in use go on."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise IndexFileError(f"{path}: {error.strerror}.") from error
    try:
        yield file
    finally:
        os.close(file)
