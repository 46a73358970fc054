"""Anonymous memory that can be sealed: verified content stays unchanged for every process.

The descriptor goes to other processes (`fork`, `pass_fds`, `SCM_RIGHTS`); the pages are one copy a machine. Neither
appears in a folder, and mapped pages are left out of core dumps.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tutela.matching.errors import IndexFileDamagedError, IndexFileError

# Nobody may write, grow or shrink the memory, or take these promises back.
SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


@contextmanager
def sealed_memory(size: int = 0) -> Iterator[int]:
    """New memory to write into; when the block ends well it is sealed and its descriptor is the caller's."""
    memory = os.memfd_create("tutela-list", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        if size:
            os.ftruncate(memory, size)
        yield memory
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, SEALS)
    except BaseException:
        os.close(memory)
        raise


def give_back(memory: int, begin: int, end: int) -> None:
    """Free the whole pages between two places of memory that is not sealed yet: from then on they read as zeros."""
    first, last = -(-begin // mmap.PAGESIZE) * mmap.PAGESIZE, end // mmap.PAGESIZE * mmap.PAGESIZE
    if first < last:
        # Mapped for this moment: memory that somebody could write to cannot be sealed.
        with mmap.mmap(memory, last) as view:
            view.madvise(mmap.MADV_REMOVE, first, last - first)


def give_back_freed() -> None:
    """Return freed memory of this process to the system. Does nothing if the C library cannot."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def require_sealed(fd: int) -> None:
    """Raises IndexFileError for a descriptor whose memory could change while it is read."""
    try:
        seals = fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    except OSError:
        raise IndexFileError("The memory cannot be sealed.") from None
    if seals & SEALS != SEALS:
        raise IndexFileError("The memory is not sealed and could change while it is read.")


def mapped(file: int, size: int) -> mmap.mmap:
    """The file or memory, mapped for reading. Raises IndexFileDamagedError if it is empty."""
    if not size:
        raise IndexFileDamagedError("The memory is empty.")
    # Pages that nobody writes to are shared by private mappings too; a shared one of sealed memory is refused by
    # kernels before 6.7, although it is for reading.
    view = mmap.mmap(file, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    view.madvise(mmap.MADV_DONTDUMP)
    # Postings are read at random places; where the system knows huge pages for shared memory, they halve the misses.
    # A kernel without them refuses the advice.
    with suppress(OSError):
        view.madvise(mmap.MADV_HUGEPAGE)
    return view
