"""Content of an index file: search arrays whose places follow from their sizes. Little-endian.

::

    0    uint32   layout version, 2
    4    uint32   bits of a key, 0-16; 0: no postings, the list is scanned
    8    uint64   n, the number of hashes
    16   uint64   u, the number of different hashes, at most n (0 if there are no postings)
    24   uint32   1 if ids follow, else 0 (the id of a hash is its row)
    28   zeros up to 4096

Then, each at the next multiple of 4096 with zeros between, and the end of the last being the end of the content:

    hashes      n × 32 bytes, ascending
    ids         n × uint32, if they follow
    starts      16 × (2^bits + 1) × uint32, if bits is not 0
    signatures  (16 × u + 32) × uint16, if bits is not 0
    positions   16 × u × w bits and 8 bytes, if bits is not 0; w has as many bits as n - 1, one at the least

The file has no offset and no length except these four numbers, so none can be wrong. `native/hamming/tables.h` explains
the arrays. A search never reads outside them, whatever they hold (checked when opened).
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.matching.errors import IndexFileDamagedError, IndexFileForeignError
from tutela.matching.index.arrays import HASH_BYTES
from tutela.matching.index.layer import CHUNKS, NO_POSTINGS, SIGNATURE_PAD, Layer, Postings, position_bytes

VERSION = 2
ALIGN = 4096
_HEAD = struct.Struct("<IIQQI")
_MAX_HASHES = 0xFFFF0000
_MAX_KEY_BITS = 16


@dataclass(frozen=True, slots=True)
class Layout:
    """The four numbers that everything follows from."""

    bits: int
    count: int
    unique: int
    has_ids: bool

    def sections(self) -> Iterator[tuple[str, np.dtype[np.generic], int, int]]:
        """(name, type, items, offset) of each array, in order."""
        wanted: list[tuple[str, np.dtype[np.generic], int]] = [("hashes", np.dtype("u1"), self.count * HASH_BYTES)]
        if self.has_ids:
            wanted.append(("ids", np.dtype("<u4"), self.count))
        if self.bits:
            wanted.append(("starts", np.dtype("<u4"), CHUNKS * ((1 << self.bits) + 1)))
            wanted.append(("signatures", np.dtype("<u2"), CHUNKS * self.unique + SIGNATURE_PAD))
            wanted.append(("positions", np.dtype("u1"), position_bytes(self.count, self.unique)))
        at = ALIGN
        for name, kind, items in wanted:
            yield name, kind, items, at
            at = _aligned(at + items * kind.itemsize)

    @property
    def size(self) -> int:
        """Bytes of the whole content."""
        *_, (_, kind, items, at) = self.sections()
        return at + items * kind.itemsize


def parts(layer: Layer) -> list[bytes | memoryview]:
    """The content for a layer in which nothing is dead. The arrays are not copied."""
    _little_endian_only()
    arrays: dict[str, NDArray[np.generic]] = {
        "hashes": layer.hashes,
        "starts": layer.postings.starts,
        "signatures": layer.postings.signatures,
        "positions": layer.postings.positions,
    }
    if layer.ids is not None:
        arrays["ids"] = layer.ids
    layout = Layout(layer.postings.bits, len(layer.hashes), layer.postings.unique, layer.ids is not None)
    head = _HEAD.pack(VERSION, layout.bits, layout.count, layout.unique, layout.has_ids)
    made: list[bytes | memoryview] = [head]
    end = len(head)
    for name, _, _, at in layout.sections():
        data = arrays[name].reshape(-1).view(np.uint8)
        made += [bytes(at - end), memoryview(data)]
        end = at + data.nbytes
    return made


def layer_of(data: memoryview) -> Layer:
    """The layer in this content, in place. Raises an IndexFileError for anything but what `parts` makes."""
    _little_endian_only()
    if len(data) < ALIGN:
        raise IndexFileDamagedError("The content is shorter than its first page.")
    version, bits, count, unique, has_ids = _HEAD.unpack(data[: _HEAD.size])
    if version != VERSION:
        raise IndexFileForeignError(f"The layout has version {version}.")
    if bits > _MAX_KEY_BITS or count > _MAX_HASHES or unique > count or has_ids > 1:
        raise IndexFileDamagedError("The numbers in the first page are impossible.")
    layout = Layout(bits, count, unique, bool(has_ids))
    if layout.size != len(data):
        raise IndexFileDamagedError(f"The content has {len(data)} bytes; the first page states {layout.size}.")
    arrays = {name: np.frombuffer(data, kind, items, at) for name, kind, items, at in layout.sections()}
    hashes = arrays["hashes"].reshape(-1, HASH_BYTES)
    postings = NO_POSTINGS
    if bits:
        postings = Postings(bits, arrays["starts"], arrays["signatures"], arrays["positions"])
    try:
        return Layer.ready(hashes, arrays.get("ids"), postings)
    except ValueError as error:
        raise IndexFileDamagedError(str(error)) from None


def _aligned(at: int) -> int:
    return -(-at // ALIGN) * ALIGN


def _little_endian_only() -> None:
    if sys.byteorder != "little":
        raise IndexFileForeignError("The byte order of this machine is not supported.")
