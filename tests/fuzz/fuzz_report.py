"""Bytes that claim to be a report or an envelope. Run: `python -m tests.fuzz.fuzz_report [seconds]` from the root."""

from __future__ import annotations

import contextlib
import json
import random

from pydantic import ValidationError

from tests.fuzz.running import run
from tests.support.exchange_reports import report
from tutela.exchange.errors import EnvelopeMalformedError, NotJsonError
from tutela.exchange.message.problem import from_validation
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.report.report import Report

_PIECES = [b'"', b"{", b"}", b"[", b",", b"null", b"1e9", b"\\ud800", b"\xff", b"\0", b"-1", b"99999999999999999999"]


def one(seed: int) -> bool:
    """One mutated body; True if it was accepted, and then it reads back as itself."""
    rng = random.Random(seed)
    data = bytearray(json.dumps(report()).encode())
    for _ in range(rng.randint(1, 4)):
        at, piece = rng.randrange(len(data)), rng.choice(_PIECES)
        data[at : at + rng.choice([0, 1, len(piece)])] = piece
    with contextlib.suppress(EnvelopeMalformedError):
        Envelope.from_bytes(bytes(data))
    try:
        accepted = Report.from_bytes(bytes(data))
    except NotJsonError:
        return False
    except ValidationError as error:
        from_validation(error).to_bytes()
        return False
    assert Report.from_bytes(accepted.to_bytes()) == accepted
    return True


if __name__ == "__main__":
    run(one)
