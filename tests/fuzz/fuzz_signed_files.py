"""Sets of values, certifications, blinded points. Run: `python -m tests.fuzz.fuzz_signed_files [seconds]`."""

from __future__ import annotations

import json
import random

from tests.fuzz.running import run
from tutela.exchange.register.certification import FORMAT, CertificationsError, check
from tutela.tlog import voprf
from tutela.tlog.private_lookup import MAGIC, ValueSet
from tutela.tlog.verify import Refused
from tutela.tlog.vrf import Secret

SECRET = Secret.from_scalar((7).to_bytes(32, "little"))
_HEAD = {"list": "eu-register", "set": "t", "key": SECRET.public.hex(), "bytes": 8}
_SET = MAGIC + json.dumps(_HEAD).encode() + b"\n" + bytes(range(64))
_ROW = {"organisation": "H", "country": "IE", "round": 1, "key": None, "envelope": None}
_FILE = json.dumps(
    {"format": FORMAT, "indicator": "i", "number": "n", "salt": "00", "certifications": [_ROW, _ROW]}
).encode()
_POINT = voprf.blind(b"x", (5).to_bytes(32, "little")).point
_PIECES = [b'"', b"{", b"[", b"]", b"null", b"\n", b"\0", b"\xff", b"9" * 30, b"-1", b"true", b"e"]


def one(seed: int) -> bool:
    """One mutated input; True if it was taken."""
    rng = random.Random(seed)
    data = bytearray((_SET, _FILE, _POINT)[seed % 3])
    for _ in range(rng.randint(0, 3)):
        at, piece = rng.randrange(len(data)), rng.choice(_PIECES)
        data[at : at + rng.choice([0, 1, len(piece)])] = piece
    try:
        if seed % 3 == 0:
            ValueSet.parse(bytes(data)).holds(bytes(8))
        elif seed % 3 == 1:
            check(bytes(data))
        else:
            voprf.evaluate(SECRET, [bytes(data)])
    except (Refused, CertificationsError):
        return False
    return True


if __name__ == "__main__":
    run(one)
