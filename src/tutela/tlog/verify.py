"""Check a log, a note or a proof without trusting anyone. For auditors; needs only `cryptography`.

Sources: RFC 6962 and RFC 9162 section 2.1 (tree), c2sp.org signed-note v1.0.0, tlog-checkpoint v1.0.0, tlog-cosignature
v1.0.1, tlog-tiles v0.1.0, tlog-proof v1. One file contains everything. Every function either returns or raises
`Refused` with the reason; none answers "maybe".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

HASH = 32
TILE = 256
EMPTY_ROOT = hashlib.sha256(b"").digest()
# Types of note signatures (signed-note, tlog-cosignature).
ED25519, COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
_KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
_MOST_NOTE, _MOST_SIGNATURES = 1_000_000, 100
_DASH = "\N{EM DASH} "


class Refused(ValueError):
    """The log, note or proof is not valid; the text gives the reason."""


# --- the tree


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """The leaf hash is number `index` of the tree of `size` leaves with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Refused(f"entry {index} is not in a log of {size}")
    found = leaf
    for one, on_the_left in _upwards(index, size - 1, proof):
        found = node_hash(one, found) if on_the_left else node_hash(found, one)
    if found != root:
        raise Refused("the inclusion proof does not match the root")


def check_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """The tree of `size` leaves begins with the tree of `old` leaves (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= size:
        raise Refused(f"a log of {size} cannot continue one of {old}")
    if old in (0, size):
        if proof or old_root != (root if old else EMPTY_ROOT):
            raise Refused("the roots differ, or an unexpected proof was given")
        return
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not hashes:
        raise Refused("the consistency proof is empty")
    number, last = old - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    first = second = hashes[0]
    for one, on_the_left in _upwards(number, last, hashes[1:]):
        if on_the_left:
            first, second = node_hash(one, first), node_hash(one, second)
        else:
            second = node_hash(second, one)
    if first != old_root or second != root:
        raise Refused("the consistency proof does not match both roots")


def _upwards(number: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Walk up a proof from node `number`; `last` is the last node of its row.

    Yields each hash, and whether it is on the left.
    """
    for one in proof:
        if last == 0:
            raise Refused("the proof is too long")
        on_the_left = bool(number & 1) or number == last
        yield one, on_the_left
        while on_the_left and not number & 1 and number:
            number, last = number >> 1, last >> 1
        number, last = number >> 1, last >> 1
    if last != 0:
        raise Refused("the proof is too short")


# --- notes and who signed them


@dataclass(frozen=True, slots=True)
class Key:
    """Verifier key: its owner, its type, and the public key's bytes."""

    name: str
    type: int
    public: bytes

    def __post_init__(self) -> None:
        if not 0 < len(self.name.encode()) < 256 or "+" in self.name or any(c.isspace() for c in self.name):
            raise Refused("a key's name must have 1 to 255 bytes, no space and no plus sign")
        if len(self.public) != _KEY_BYTES.get(self.type, -1):
            raise Refused(f"a key of type {self.type:#04x} and {len(self.public)} bytes is not supported")

    @property
    def id(self) -> bytes:
        """Four bytes that stand before every signature of this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    @classmethod
    def parse(cls, vkey: str) -> Key:
        """Read `name+id+base64(type || key)`."""
        name, _, rest = vkey.strip().partition("+")
        number, _, coded = rest.partition("+")
        decoded = from_base64(coded, "the key")
        key = cls(name, decoded[0] if decoded else -1, decoded[1:])
        if key.id.hex() != number:
            raise Refused(f"the key of {name} does not match its ID")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.type]) + self.public).decode()}"

    def check(self, text: str, signature: bytes) -> int:
        """Verify the bytes after the key id in a signature line. Returns the cosignature's time, 0 if it has none."""
        try:
            if self.type == ED25519:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
                return 0
            time, rest = int.from_bytes(signature[:8]), signature[8:]
            if self.type == COSIGNATURE:
                Ed25519PublicKey.from_public_bytes(self.public).verify(rest, cosigned_text(text, time))
            else:
                message = cosigned_subtree(self.name, time, Checkpoint.parse(text))
                MLDSA44PublicKey.from_public_bytes(self.public).verify(rest, message)
        except InvalidSignature:
            raise Refused(f"the signature of {self.name} is wrong") from None
        if not 0 < time < 1 << 63:
            raise Refused(f"the cosignature of {self.name} has an impossible time")
        return time


def cosigned_text(checkpoint: str, time: int) -> bytes:
    """The text that a witness signs with Ed25519 (type 0x04)."""
    return f"cosignature/v1\ntime {time}\n{checkpoint}".encode()


def cosigned_subtree(name: str, time: int, checkpoint: Checkpoint) -> bytes:
    """The bytes signed with ML-DSA-44 (type 0x06): the whole tree of a checkpoint."""
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    head = b"subtree/v1\n\0" + bytes([len(cosigner)]) + cosigner + time.to_bytes(8) + bytes([len(origin)]) + origin
    return head + bytes(8) + checkpoint.size.to_bytes(8) + checkpoint.root


@dataclass(frozen=True, slots=True)
class Note:
    """A text and those known keys that signed it, each with its time (0 for the log's own signature)."""

    text: str
    signers: dict[Key, int]


def open_note(data: bytes, keys: Iterable[Key]) -> Note:
    """Read a signed note. At least one known key must have signed; a wrong signature of a known key refuses it."""
    text, lines = split_note(data)
    known = {(key.name, key.id): key for key in keys}
    signers: dict[Key, int] = {}
    for name, signature in lines:
        key = known.get((name, signature[:4]))
        if key is not None:
            signers[key] = key.check(text, signature[4:])
    if not signers:
        raise Refused("no known key has signed this note")
    return Note(text, signers)


def split_note(data: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The text, and (name, key id || signature) of every line under it; nothing is verified yet."""
    if len(data) > _MOST_NOTE:
        raise Refused("the note is too long")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Refused("the note is not UTF-8") from None
    if any(ord(c) < 0x20 and c != "\n" for c in whole):
        raise Refused("the note has control characters")
    text, gap, below = whole.rpartition("\n\n")
    if not gap or not below.endswith("\n"):
        raise Refused("the note has no signatures")
    lines = below[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise Refused("the note has too many signatures")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    name, space, coded = line.removeprefix(_DASH).partition(" ")
    signature = from_base64(coded, "a signature")
    if not line.startswith(_DASH) or not space or not name or "+" in name or len(signature) < 5:
        raise Refused("a signature line is malformed")
    return name, signature


# --- checkpoints


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's name, its size and its root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a checkpoint's text. Lines after the third are not ours to understand and are covered by Ed25519."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise Refused("a checkpoint must have at least three lines, none of them empty")
        origin, size, root = lines[:3]
        if not (size.isascii() and size.isdecimal()) or len(size) > 19 or str(int(size)) != size:
            raise Refused("the checkpoint's size is not a number")
        decoded = from_base64(root, "the root")
        if len(decoded) != HASH or len(origin.encode()) > 255:
            raise Refused("the checkpoint's root is not 32 bytes, or its origin is longer than 255")
        return cls(origin, int(size), decoded)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


# --- the whole log


class Files(Protocol):
    """Files that a log serves: entries and hashes by 256 (`tiles` reads them). They are not trusted."""

    def entries(self, number: int, width: int) -> Sequence[bytes]:
        """The first `width` entries of a bundle."""

    def hashes(self, level: int, number: int, width: int) -> bytes:
        """The first `width` hashes of a tile."""


def audit(files: Files, checkpoint: Checkpoint, progress: Callable[[int], None] = lambda _: None) -> None:
    """Read every entry and every tile of the log, and rebuild the root."""
    hashes = list[bytes]()
    for number, width in _widths(checkpoint.size):
        level = [leaf_hash(entry) for entry in files.entries(number, width)]
        if len(level) != width or b"".join(level) != files.hashes(0, number, width):
            raise Refused(f"tile {number} of level 0 does not hold the hashes of its entries")
        hashes.append(root_of(level))
        progress(number * TILE + width)
    above = 1
    while len(hashes) > 1:
        for number, width in _widths(checkpoint.size // TILE**above):
            if b"".join(hashes[number * TILE : number * TILE + width]) != files.hashes(above, number, width):
                raise Refused(f"tile {number} of level {above} does not hold the hashes of the tiles below")
        hashes = [root_of(hashes[at : at + TILE]) for at in range(0, len(hashes), TILE)]
        above += 1
    if root_of(hashes) != checkpoint.root:
        raise Refused("the entries do not match the checkpoint's root")


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, or over the roots of full tiles and a last one of any width."""
    level = list(hashes) or [EMPTY_ROOT]
    while len(level) > 1:
        pairs = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def _widths(size: int) -> Iterator[tuple[int, int]]:
    for number in range((size + TILE - 1) // TILE):
        yield number, min(TILE, size - number * TILE)


def from_base64(text: str, what: str) -> bytes:
    """Decode standard base64 with padding, in its one canonical form."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"{what} is not base64") from None
    if base64.b64encode(decoded).decode() != text:
        raise Refused(f"{what} is not canonical base64")
    return decoded
