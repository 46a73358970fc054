"""Proof in one file that an entry is in a log (c2sp.org tlog-proof)."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from tutela.tlog.policy import Policy
from tutela.tlog.verify import HASH, Checkpoint, Refused, check_inclusion, from_base64, leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """Number of the entry, hashes, signed checkpoint. `extra` is not confirmed by the proof."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> Proof:
        """Read a `.tlog-proof`. Raises `Refused`."""
        head, gap, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise Refused("the proof's head is not ASCII") from None
        if not gap or lines.pop(0) != HEADER:
            raise Refused(f"the file does not begin with {HEADER}")
        extra = from_base64(lines.pop(0)[6:], "extra") if lines and lines[0].startswith("extra ") else b""
        index = lines.pop(0).removeprefix("index ") if lines and lines[0].startswith("index ") else ""
        if len(index) > 19 or not index.isdecimal() or str(int(index)) != index:
            raise Refused("the proof names no index")
        hashes = tuple(from_base64(line, "a hash") for line in lines)
        if len(hashes) > _MOST_HASHES or any(len(one) != HASH for one in hashes):
            raise Refused("the proof has too many hashes, or hashes that are not 32 bytes")
        return cls(int(index), hashes, checkpoint, extra)

    def __bytes__(self) -> bytes:
        coded = [base64.b64encode(one).decode() for one in self.hashes]
        extra = [f"extra {base64.b64encode(self.extra).decode()}"] if self.extra else []
        return "\n".join([HEADER, *extra, f"index {self.index}", *coded, "", ""]).encode() + self.checkpoint

    def check(self, entry: bytes, policy: Policy) -> Checkpoint:
        """The entry is in a log of the policy, at this index, under a quorum. Returns the checkpoint."""
        checkpoint, _ = policy.open(self.checkpoint)
        check_inclusion(self.index, checkpoint.size, leaf_hash(entry), self.hashes, checkpoint.root)
        return checkpoint
