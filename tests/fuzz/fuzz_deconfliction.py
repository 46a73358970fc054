"""Bytes that claim to be messages of deconfliction, and texts that claim to be a table of places.

Run: `python -m tests.fuzz.fuzz_deconfliction [seconds]` from the root.
"""

from __future__ import annotations

import json
import random
from ipaddress import ip_address
from uuid import UUID

from pydantic import ValidationError

from tests.fuzz.running import run
from tutela.casework.geolocation import check_text, of_text
from tutela.exchange.errors import NotJsonError
from tutela.exchange.message.base import Wire
from tutela.exchange.referral.deconfliction import (
    Answered,
    ContactReply,
    ContactRequest,
    Evaluation,
    HolderSet,
    Question,
)

_ID = str(UUID(int=0x7 << 76 | 0x2 << 62 | 5))
_AT = "2026-11-25T10:00:00Z"
_EVALUATION = {"public": "ab" * 32, "evaluated": ["cd" * 32], "proof": "ef" * 64}
MESSAGES: tuple[tuple[type[Wire], dict[str, object]], ...] = (
    (HolderSet, {"set_id": _ID, "public": "ab" * 32, "values": [f"{n:032x}" for n in range(64)], "at": _AT}),
    (Question, {"question_id": _ID, "points": ["ab" * 32, "cd" * 32]}),
    (Evaluation, _EVALUATION),
    (Answered, {"question_id": _ID, "relay_id": _ID, "evaluation": _EVALUATION, "values": ["ab" * 16]}),
    (ContactRequest, {"request_id": _ID, "relay_id": _ID, "tag": "ab" * 16, "proof": "cd" * 32, "authority": "token"}),
    (ContactReply, {"request_id": _ID, "accepted": True, "authority": "token", "contact": "token"}),
)
TABLE = "# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n16777216,16777471,AU\n16777472,16778239,CN\n"
_PIECES = [b'"', b"{", b"}", b"[", b",", b"null", b"1e9", b"\\ud800", b"\xff", b"\0", b"-1", b"99999999999999999999"]


def one(seed: int) -> bool:
    """One mutated body of each kind; True if any was accepted, and then it reads back as itself."""
    rng = random.Random(seed)
    accepted = False
    for model, value in MESSAGES:
        data = _mutated(rng, json.dumps(value).encode())
        try:
            found = model.from_bytes(data)
        except (NotJsonError, ValidationError):
            continue
        assert model.from_bytes(found.to_bytes()) == found
        accepted = True
    return accepted


def table(seed: int) -> bool:
    """One mutated table of places; True if it is sound; it answers for any address all the same."""
    rng = random.Random(seed)
    text = _mutated(rng, TABLE.encode())
    place = of_text(text, b"").find(ip_address(rng.randrange(2**32)))
    assert place is None or len(place.country) == 2
    try:
        check_text(text, six=False)
    except ValueError:
        return False
    return True


def _mutated(rng: random.Random, whole: bytes) -> bytes:
    data = bytearray(whole)
    for _ in range(rng.randint(0, 3)):
        at, piece = rng.randrange(len(data)), rng.choice(_PIECES)
        data[at : at + rng.choice([0, 1, len(piece)])] = piece
    return bytes(data)


def both(seed: int) -> None:
    """Messages and tables."""
    one(seed)
    table(seed)


if __name__ == "__main__":
    run(both)
