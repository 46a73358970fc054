"""Proof of absence: an item is not in a release, in one file that anyone can check offline.

1. The proof of `vrf` gives the item's value under the register's key.
2. The place in the certified set shows that this value is not there (`certified_set`).
3. The set's root and the key are in the release's entry of the public log; `proof` shows that the entry is in it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass

from tutela.tlog import vrf
from tutela.tlog.certified_set import TreePlace, check_absent
from tutela.tlog.policy import Policy
from tutela.tlog.proof import Proof
from tutela.tlog.verify import Checkpoint, Refused

FORMAT, BEFORE = "tutela-absence/2", "tutela-absence/1"
_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "pdq": 64}
MOST_BYTES = 64_000


def item_bytes(kind: str, value: str) -> bytes:
    """Bytes from which a hash's value is computed: its kind, a zero byte, its bytes. Raises `Refused`."""
    if not re.fullmatch(f"[0-9a-f]{{{_DIGITS.get(kind, 0)}}}", value) or kind not in _DIGITS:
        raise Refused(f"{kind} {value[:64]} is not a hash")
    return b"tutela-item/1\0" + kind.encode() + b"\0" + bytes.fromhex(value)


def _unpacked(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


@dataclass(frozen=True, slots=True)
class Absence:
    """One hash and why it is not in version `version` of list `list_id`; `entry` and `log_proof` bind it to the log."""

    kind: str
    value: str
    public: bytes
    value_proof: bytes
    place: TreePlace
    list_id: str
    version: int
    entry: bytes = b""
    log_proof: bytes = b""

    def to_json(self) -> dict[str, str | int]:
        """Serialise the proof as written to a file."""
        return {
            "format": FORMAT,
            "kind": self.kind,
            "value": self.value,
            "list": self.list_id,
            "version": self.version,
            "values_key": self.public.hex(),
            "value_proof": base64.b64encode(self.value_proof).decode(),
            "place": base64.b64encode(bytes(self.place)).decode(),
            "entry": self.entry.decode(),
            "log_proof": self.log_proof.decode(),
        }

    @classmethod
    def from_json(cls, given: object) -> Absence:
        """Read it. Raises `Refused` naming the member."""
        if not isinstance(given, dict) or given.get("format") not in (FORMAT, BEFORE):
            raise Refused(f"this is not a proof of the format {FORMAT}")
        texts = ("kind", "value", "list", "values_key", "value_proof", "place", "entry", "log_proof")
        for name in texts:
            if not isinstance(given.get(name), str):
                raise Refused(f"{name} must be text")
        version = given.get("version")
        if type(version) is not int:
            raise Refused("version must be a number")
        # What the log serves is text as it is: within base64 it would take a third more, as it did before.
        small, text = (bytes.fromhex, _unpacked) if given["format"] == BEFORE else (_unpacked, str.encode)
        try:
            key = bytes.fromhex(given["values_key"])
            proof, place = (small(given[name]) for name in ("value_proof", "place"))
            entry, log_proof = (text(given[name]) for name in ("entry", "log_proof"))
        except (ValueError, binascii.Error):
            raise Refused("values_key must be hex, value_proof and place base64, entry and log_proof text") from None
        return cls(
            given["kind"], given["value"], key, proof, TreePlace.parse(place), given["list"], version, entry, log_proof
        )

    @classmethod
    def parse(cls, data: bytes) -> Absence:
        """Read a file. Raises `Refused`."""
        try:
            return cls.from_json(json.loads(data[:MOST_BYTES]))
        except (ValueError, RecursionError) as error:
            raise error if isinstance(error, Refused) else Refused("not JSON") from None

    def check(self, policy: Policy) -> Checkpoint:
        """Check all three steps. Returns the checkpoint that confirms the release. Raises `Refused`."""
        checkpoint = Proof.parse(self.log_proof).check(self.entry, policy)
        try:
            said = json.loads(self.entry)
            wanted = ("release.published", self.list_id, self.version, self.public.hex())
            fits = (said["event"], said["list"], said["version"], said["values_key"]) == wanted
            root = bytes.fromhex(said["values"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refused("the log's entry is not of a release") from None
        if not fits:
            raise Refused("the log's entry belongs to another release or key")
        check_absent(root, vrf.check(self.public, item_bytes(self.kind, self.value), self.value_proof), self.place)
        return checkpoint
