"""Decrypt the content of a container (`container`); every chunk is verified before its bytes are used.

Chunks are read one by one into a buffer of the thread's own, never mapped. A file that shrinks meanwhile causes an
error, not a signal that ends the process.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from cryptography.exceptions import InvalidTag

from tutela.matching.errors import IndexFileDamagedError, IndexFileError, IndexFileKeyError, IndexFileTruncatedError
from tutela.matching.files.container import (
    DIGEST_BYTES,
    HEADER_BYTES,
    PLAIN,
    PLAIN_AT,
    SEALED,
    TAG_BYTES,
    Header,
    derived,
    nonce,
    root,
)


def unseal(file: int, header: Header, key: bytes, into: int, *, threads: int) -> None:
    """Decrypt every chunk into the file `into` at its place. Raises at the first that is not what was sealed."""
    if header.kind != SEALED:
        raise IndexFileKeyError("The file is plain; a sealed file is required.")
    cipher, commitment = derived(key, header)
    if not hmac.compare_digest(commitment, header.proof):
        raise IndexFileKeyError("The file was sealed with another key.")
    whole = header.pack()

    def some(first: int) -> None:
        content = bytearray(header.chunk_bytes)
        sealed = bytearray(header.chunk_bytes + TAG_BYTES)
        for number in range(first, header.chunks, threads):
            length = header.length(number)
            at = HEADER_BYTES + number * (header.chunk_bytes + TAG_BYTES)
            taken = memoryview(sealed)[: length + TAG_BYTES]
            _fill(file, taken, at)
            clear = memoryview(content)[:length]
            try:
                cipher.decrypt_into(nonce(number), taken, whole, clear)
            except InvalidTag:
                raise IndexFileDamagedError(f"Chunk {number} differs from the sealed chunk.") from None
            _write(into, clear, number * header.chunk_bytes)

    _together(some, threads)


def verify_plain(file: int, header: Header, *, threads: int) -> None:
    """Compare every chunk of a plain container with its digest, and the digests with the root."""
    if header.kind != PLAIN:
        raise IndexFileKeyError("The file is sealed; a plain file is required.")
    table = bytearray(header.chunks * DIGEST_BYTES)
    _fill(file, memoryview(table), PLAIN_AT + header.size)
    if not hmac.compare_digest(root(header, bytes(table)), header.proof):
        raise IndexFileDamagedError("The digests differ from the written ones.")

    def some(first: int) -> None:
        content = bytearray(header.chunk_bytes)
        for number in range(first, header.chunks, threads):
            taken = memoryview(content)[: header.length(number)]
            _fill(file, taken, PLAIN_AT + number * header.chunk_bytes)
            if hashlib.sha256(taken).digest() != table[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES]:
                raise IndexFileDamagedError(f"Chunk {number} differs from the written chunk.")

    _together(some, threads)


def _together(some: Callable[[int], None], threads: int) -> None:
    if threads == 1:
        some(0)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(some, first) for first in range(threads)]:
            done.result()


def _fill(file: int, buffer: memoryview, at: int) -> None:
    while len(buffer):
        read = os.preadv(file, [buffer], at)
        if not read:
            raise IndexFileTruncatedError("The file ended while it was read.")
        buffer, at = buffer[read:], at + read


def _write(file: int, buffer: memoryview, at: int) -> None:
    while len(buffer):
        written = os.pwrite(file, buffer, at)
        if not written:
            raise IndexFileError("The memory is full.")
        buffer, at = buffer[written:], at + written
