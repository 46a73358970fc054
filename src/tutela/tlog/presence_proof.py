"""Proof of presence: a hash in a list is in its release's certified set. For holders of the list.

A proof of absence shows that a hash is not in that set. The proof shows nothing about the list if the two differ. So
holders of a list select entries that cannot be predicted, and request a proof for each of their hashes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tutela.tlog import vrf
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.certified_set import TreePlace, check_present
from tutela.tlog.verify import Refused

# Of an entry so many hashes are shown at once: a video has thousands.
PART = 16
# Of so many entries at once.
MOST_PROOFS = 32


def part(items: Iterable[tuple[str, str]], number: int) -> list[tuple[str, str]]:
    """A part of an entry's hashes, kind and lower-case hex: in their order, each once."""
    return sorted(set(items))[number * PART : (number + 1) * PART]


@dataclass(frozen=True, slots=True)
class Presence:
    """The proof for one hash."""

    value_proof: bytes
    place: TreePlace

    def to_json(self) -> list[str]:
        """Serialise the proof for transport."""
        return [self.value_proof.hex(), bytes(self.place).hex()]

    @classmethod
    def from_json(cls, given: object) -> Presence:
        """Read it. Raises `Refused`."""
        if not isinstance(given, list) or len(given) != 2 or not all(isinstance(one, str) for one in given):
            raise Refused("a proof of presence must be two texts")
        try:
            proof, place = (bytes.fromhex(one) for one in given)
        except ValueError:
            raise Refused("a proof of presence must be hexadecimal") from None
        return cls(proof, TreePlace.parse(place))

    def check(self, root: bytes, public: bytes, kind: str, value: str) -> None:
        """The hash is in the set with this root, whose values are under this key. Raises `Refused`."""
        check_present(root, vrf.check(public, item_bytes(kind, value), self.value_proof), self.place)
