"""Container of bytes in chunks, each of which proves its content and its place. Little-endian.

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
key, with the salt and with the first 64 bytes as info, gives 64 bytes. These are the key of this one file, and a
commitment. The commitment distinguishes another key from an edited file (GCM alone does not commit to its key). The
nonce of chunk i is i in 12 bytes, which is never reused because no two files share a key. The associated data is the
whole header. A chunk that is cut off, moved, doubled, or from another file is therefore refused, and so is an edited
header.

Plain, for benches and machines without a network that keep no secret: zeros up to byte 4096, then the content, so that
it can be mapped, then the SHA-256 of every chunk. The root is the SHA-256 of the first 96 bytes and all those digests.
A root proves that the file is whole, not who made it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tutela.matching.errors import (
    IndexFileDamagedError,
    IndexFileForeignError,
    IndexFileKeyError,
    IndexFileTruncatedError,
)
from tutela.matching.files.replace import published

MAGIC = b"TUTELAIX"
VERSION = 1
SEALED, PLAIN = 1, 2
CHUNK_BYTES = 1 << 20
KEY_BYTES = 32
TAG_BYTES = 16
DIGEST_BYTES = 32
PLAIN_AT = 4096

_HEAD = struct.Struct("<8sIIIIQ32s")
HEADER_BYTES = 128
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
        """The length of the whole file in bytes."""
        if self.kind == SEALED:
            return HEADER_BYTES + self.size + self.chunks * TAG_BYTES
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
            file.write(header.head() + salt + root(header, table))
        else:
            cipher, commitment = derived(key, header)
            whole = header.head() + salt + commitment
            file.write(whole)
            for number, chunk in enumerate(_cut(parts, CHUNK_BYTES)):
                file.write(cipher.encrypt(nonce(number), bytes(chunk), whole))


def read_header(file: int, *, binding: bytes) -> Header:
    """Header of an open file: our version, the stated length, and bound to `binding`."""
    raw = os.pread(file, HEADER_BYTES, 0)
    if raw[: len(MAGIC)] != MAGIC[: len(raw)]:
        raise IndexFileForeignError("The first bytes are not those of an index file.")
    if len(raw) < HEADER_BYTES:
        raise IndexFileTruncatedError("The file ends within the first bytes.")
    _, version, kind, chunk_bytes, chunks, size, bound = _HEAD.unpack(raw[: _HEAD.size])
    if version != VERSION or kind not in (SEALED, PLAIN):
        raise IndexFileForeignError(f"The file has version {version}, kind {kind}.")
    header = Header(kind, chunk_bytes, chunks, size, bound, raw[64:96], raw[96:128])
    if not 0 < chunk_bytes <= _MAX_CHUNK_BYTES or chunk_bytes % 4096 or chunks != -(-size // chunk_bytes):
        raise IndexFileDamagedError("The sizes of its chunks are inconsistent.")
    if os.fstat(file).st_size != header.file_bytes:
        raise IndexFileTruncatedError(f"The file has {os.fstat(file).st_size} bytes and states {header.file_bytes}.")
    if not hmac.compare_digest(bound, hashlib.sha256(binding).digest()):
        raise IndexFileKeyError("The file belongs to another list or version.")
    return header


def derived(key: bytes, header: Header) -> tuple[AESGCM, bytes]:
    """The cipher of this one file, and the commitment to its key. Raises IndexFileKeyError for another length."""
    if len(key) != KEY_BYTES:
        raise IndexFileKeyError(f"A key must have {KEY_BYTES} bytes.")
    made = HKDF(SHA256(), 64, header.salt, header.head()).derive(key)
    return AESGCM(made[:32]), made[32:]


def root(header: Header, table: bytes) -> bytes:
    """Digest of a plain file's header, salt and chunk digests, by which the chunks are verified."""
    return hashlib.sha256(header.head() + header.salt + table).digest()


def nonce(number: int) -> bytes:
    """The nonce of a chunk: its place."""
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
