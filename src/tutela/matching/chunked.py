"""A container of bytes in chunks, each of which proves its content and its place. Little-endian throughout.

::

    0    8 bytes   magic b"TUTELAIX"
    8    uint32    format version, 1
    12   uint32    kind: 1 sealed, 2 plain
    16   uint32    bytes of content in a chunk (the last may have fewer), a multiple of 4096
    20   uint32    number of chunks
    24   uint64    bytes of content in all
    32   32 bytes  binding: SHA-256 of what the caller says the content belongs to
    64   32 bytes  salt, random; zeros if plain
    96   32 bytes  commitment (sealed) or root (plain)

Sealed, from byte 128 on: every chunk as AES-256-GCM ciphertext and its tag of 16 bytes. HKDF-SHA256 of the caller's
key, with the salt and with the first 64 bytes as info, gives 64 bytes: the key of this one file, and the commitment
that tells another key from an edited file (GCM alone does not commit to its key). The nonce of chunk i is i in 12
bytes, which is never repeated because no two files share a key; the associated data is the whole header. So a chunk
that is cut off, moved, doubled, or out of another file is refused, and so is an edited header.

Plain, for benches and machines without a network that keep no secret: zeros up to byte 4096, the content from there on,
so that it can be mapped, then the SHA-256 of every chunk; the root is the SHA-256 of the first 96 bytes and all those
digests. A root proves that the file is whole, not who made it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tutela.matching.errors import (
    IndexFileDamagedError,
    IndexFileError,
    IndexFileForeignError,
    IndexFileKeyError,
    IndexFileTruncatedError,
)
from tutela.matching.publishing import published

MAGIC = b"TUTELAIX"
VERSION = 1
SEALED, PLAIN = 1, 2
CHUNK_BYTES = 1 << 20
KEY_BYTES = 32
TAG_BYTES = 16
DIGEST_BYTES = 32
PLAIN_AT = 4096

_HEAD = struct.Struct("<8sIIIIQ32s")
_HEADER_BYTES = 128
_MAX_CHUNK_BYTES = 1 << 26

type Part = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Header:
    """The first 128 bytes, understood."""

    kind: int
    chunk_bytes: int
    chunks: int
    size: int
    binding: bytes
    salt: bytes
    proof: bytes

    def head(self) -> bytes:
        return _HEAD.pack(MAGIC, VERSION, self.kind, self.chunk_bytes, self.chunks, self.size, self.binding)

    def pack(self) -> bytes:
        return self.head() + self.salt + self.proof

    def length(self, chunk: int) -> int:
        """Bytes of content in a chunk."""
        return min(self.chunk_bytes, self.size - chunk * self.chunk_bytes)

    @property
    def file_bytes(self) -> int:
        """How long the whole file is."""
        if self.kind == SEALED:
            return _HEADER_BYTES + self.size + self.chunks * TAG_BYTES
        return PLAIN_AT + self.size + self.chunks * DIGEST_BYTES


def write_container(path: Path, parts: Sequence[Part], *, binding: bytes, key: bytes | None) -> None:
    """Publish the parts, one after the other, as one container: sealed with `key` (32 bytes), or plain if None.

    A reader finds the old file or the new one, also if the writer is killed. Raises OSError.
    """
    size = sum(len(part) for part in parts)
    chunks = -(-size // CHUNK_BYTES)
    bound = hashlib.sha256(binding).digest()
    kind, salt = (PLAIN, bytes(32)) if key is None else (SEALED, secrets.token_bytes(32))
    header = Header(kind, CHUNK_BYTES, chunks, size, bound, salt, bytes(32))
    with published(path) as file:
        if key is None:
            file.seek(PLAIN_AT)
            digests = []
            for chunk in _cut(parts, CHUNK_BYTES):
                file.write(chunk)
                digests.append(hashlib.sha256(chunk).digest())
            table = b"".join(digests)
            file.write(table)
            file.seek(0)
            file.write(header.head() + salt + _root(header, table))
        else:
            cipher, commitment = _derived(key, header)
            whole = header.head() + salt + commitment
            file.write(whole)
            for number, chunk in enumerate(_cut(parts, CHUNK_BYTES)):
                file.write(cipher.encrypt(_nonce(number), bytes(chunk), whole))


def read_header(file: int, *, binding: bytes) -> Header:
    """The header of an open file, which is of our version, as long as it says, and bound to `binding`."""
    raw = os.pread(file, _HEADER_BYTES, 0)
    if raw[: len(MAGIC)] != MAGIC[: len(raw)]:
        raise IndexFileForeignError("The first bytes are others.")
    if len(raw) < _HEADER_BYTES:
        raise IndexFileTruncatedError("It ends inside the first bytes.")
    _, version, kind, chunk_bytes, chunks, size, bound = _HEAD.unpack(raw[: _HEAD.size])
    if version != VERSION or kind not in (SEALED, PLAIN):
        raise IndexFileForeignError(f"It is of version {version}, kind {kind}.")
    header = Header(kind, chunk_bytes, chunks, size, bound, raw[64:96], raw[96:128])
    if not 0 < chunk_bytes <= _MAX_CHUNK_BYTES or chunk_bytes % 4096 or chunks != -(-size // chunk_bytes):
        raise IndexFileDamagedError("Its chunks do not add up.")
    if os.fstat(file).st_size != header.file_bytes:
        raise IndexFileTruncatedError(f"It has {os.fstat(file).st_size} bytes and names {header.file_bytes}.")
    if not hmac.compare_digest(bound, hashlib.sha256(binding).digest()):
        raise IndexFileKeyError("It belongs to another list or version.")
    return header


def unseal(file: int, header: Header, key: bytes, into: int, *, threads: int) -> None:
    """Decrypt every chunk into the file `into` at its place. Raises at the first that is not what was sealed."""
    if header.kind != SEALED:
        raise IndexFileKeyError("It is plain, where a sealed file is asked for.")
    cipher, commitment = _derived(key, header)
    if not hmac.compare_digest(commitment, header.proof):
        raise IndexFileKeyError("It was sealed with another key.")
    whole = header.pack()

    def some(first: int) -> None:
        content = bytearray(header.chunk_bytes)
        sealed = bytearray(header.chunk_bytes + TAG_BYTES)
        for number in range(first, header.chunks, threads):
            length = header.length(number)
            at = _HEADER_BYTES + number * (header.chunk_bytes + TAG_BYTES)
            taken = memoryview(sealed)[: length + TAG_BYTES]
            _fill(file, taken, at)
            clear = memoryview(content)[:length]
            try:
                cipher.decrypt_into(_nonce(number), taken, whole, clear)
            except InvalidTag:
                raise IndexFileDamagedError(f"Chunk {number} is not what was sealed there.") from None
            _write(into, clear, number * header.chunk_bytes)

    _together(some, threads)


def verify_plain(file: int, header: Header, *, threads: int) -> None:
    """Compare every chunk of a plain container with its digest, and the digests with the root."""
    if header.kind != PLAIN:
        raise IndexFileKeyError("It is sealed, where a plain file is asked for.")
    table = bytearray(header.chunks * DIGEST_BYTES)
    _fill(file, memoryview(table), PLAIN_AT + header.size)
    if not hmac.compare_digest(_root(header, bytes(table)), header.proof):
        raise IndexFileDamagedError("The digests are not those that were written.")

    def some(first: int) -> None:
        content = bytearray(header.chunk_bytes)
        for number in range(first, header.chunks, threads):
            taken = memoryview(content)[: header.length(number)]
            _fill(file, taken, PLAIN_AT + number * header.chunk_bytes)
            if hashlib.sha256(taken).digest() != table[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES]:
                raise IndexFileDamagedError(f"Chunk {number} is not what was written there.")

    _together(some, threads)


def _together(some: Callable[[int], None], threads: int) -> None:
    if threads == 1:
        some(0)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(some, first) for first in range(threads)]:
            done.result()


def _derived(key: bytes, header: Header) -> tuple[AESGCM, bytes]:
    if len(key) != KEY_BYTES:
        raise IndexFileKeyError(f"A key has {KEY_BYTES} bytes.")
    made = HKDF(SHA256(), 64, header.salt, header.head()).derive(key)
    return AESGCM(made[:32]), made[32:]


def _root(header: Header, table: bytes) -> bytes:
    return hashlib.sha256(header.head() + header.salt + table).digest()


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "little")


def _cut(parts: Iterable[Part], size: int) -> Iterator[memoryview]:
    """The parts as one row of bytes, in pieces of `size`. A piece is valid until the next."""
    buffer, held = memoryview(bytearray(size)), 0
    for part in parts:
        view, at = memoryview(part), 0
        while at < len(view):
            taken = min(size - held, len(view) - at)
            buffer[held : held + taken] = view[at : at + taken]
            held, at = held + taken, at + taken
            if held == size:
                yield buffer
                held = 0
    if held:
        yield buffer[:held]


def _fill(file: int, buffer: memoryview, at: int) -> None:
    while len(buffer):
        read = os.preadv(file, [buffer], at)
        if not read:
            raise IndexFileTruncatedError("It ended while it was read.")
        buffer, at = buffer[read:], at + read


def _write(file: int, buffer: memoryview, at: int) -> None:
    while len(buffer):
        written = os.pwrite(file, buffer, at)
        if not written:
            raise IndexFileError("The memory took no more bytes.")
        buffer, at = buffer[written:], at + written
