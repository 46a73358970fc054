"""Layout of the snapshot file, byte by byte. Little-endian throughout.

::

    0        8 bytes   magic b"TUTELASN"
    8        uint32    format version, 2
    12       uint32    length H of the header, at most 64 KiB
    16       H bytes   header: canonical JSON {"hasher", "sections": {name: {"count", "offset"}}, "size"}
    ...                sections, each at the next multiple of 64, zeros between
    size-32  32 bytes  SHA-256 of everything before

Sections, always all of them and in this order (n entries, d digests of a kind, p perceptual hashes):

    entries       n × (16-byte entry id, uint32 flags), ascending by id, no id twice; flag 1: a video, whose
                  perceptual hashes are those of its frames; flag 2, in changes to a list (`delta`): it is gone
    md5, sha1, sha256              d × digest, ascending
    md5.rows, sha1.rows, ...       d × uint32, the entry of each digest
    pdq           p × 32 bytes, ascending
    pdq.quality   p × uint8
    pdq.rows      p × uint32
    pdq.structure p × 32 bytes, the second hash of the same pixels; zeros where there is none
    pdq.part      p × uint8, 1 if the hash is of a part of the picture, else 0

Version 1 ends with pdq.rows; it is read as one without structures and parts.

Nothing in the file depends on the time, the machine or the order of the input: the same list is the same bytes. Nothing
in it is code.
"""

from __future__ import annotations

import struct

import numpy as np

MAGIC = b"TUTELASN"
VERSION = 2
PREFIX = struct.Struct("<8sII")
MAX_HEADER = 1 << 16
ALIGN = 64
CHECKSUM_BYTES = 32

DIGESTS = ("md5", "sha1", "sha256")

ENTRY = np.dtype([("id", "S16"), ("flags", "<u4")])
ROW = np.dtype("<u4")

SECTIONS: dict[str, np.dtype[np.generic]] = {
    "entries": ENTRY,
    "md5": np.dtype("S16"),
    "md5.rows": ROW,
    "sha1": np.dtype("S20"),
    "sha1.rows": ROW,
    "sha256": np.dtype("S32"),
    "sha256.rows": ROW,
    "pdq": np.dtype(("u1", (32,))),
    "pdq.quality": np.dtype("u1"),
    "pdq.rows": ROW,
    "pdq.structure": np.dtype(("u1", (32,))),
    "pdq.part": np.dtype("u1"),
}
# What version 1 did not have.
ADDED = ("pdq.structure", "pdq.part")


def aligned(offset: int) -> int:
    """The first place at or after `offset` where a section may begin."""
    return -(-offset // ALIGN) * ALIGN


def item_bytes(name: str) -> int:
    """The size of one element of a section."""
    return SECTIONS[name].itemsize
