"""Texts that claim to be addresses. Run: `python -m tests.fuzz.fuzz_addresses [seconds]` from the root."""

from __future__ import annotations

import random

from tests.fuzz.running import run
from tutela.exchange.takedown.web_address import MOST_CHARACTERS, AddressInvalidError, normalise

_SEEDS = (
    "https://user:secret@www.example.org:8443/a/../b%2e?c=%41&d#e",
    "hxxps://exämple[.]org/a[.]html",
    "http://[2606:2800:21f:cb07::1]:80/",
    "http://93.184.215.14/x",
    f"http://{'example' * 8}.onion/",
    f"ipfs://bafybei{'a' * 52}/a/./b",
    f"magnet:?xt=urn:btih:{'0a' * 20}&dn=x",
)
_PIECES = ["%", "%2", "%2e", "%25", "[.]", "[", "]", "[:]", "@", ":", "//", "\\", "..", ".", "#", "?", " ", "\t", "\0"]
_PIECES += [
    "\u202e",
    "\u00ad",
    "\u200d",
    "。",
    "１",
    "0x7f",
    "xn--",
    "ß",
    "İ",
    "\ud800",
    "😀",
    "a" * 70,
    "9" * 30,
    "é" * 400,
]


def one(seed: int) -> bool:
    """One mutated address; True if it was read: then its normal form is its own, and short enough."""
    rng = random.Random(seed)
    text = _SEEDS[seed % len(_SEEDS)]
    for _ in range(rng.randint(1, 4)):
        at, piece = rng.randrange(len(text) + 1), rng.choice(_PIECES)
        text = text[:at] + piece + text[at + rng.choice([0, 0, 1, len(piece)]) :]
    try:
        found = normalise(text)
    except AddressInvalidError:
        return False
    again = normalise(found.normal)
    assert (again.normal, again.kind, again.content_id) == (found.normal, found.kind, found.content_id), text
    assert found.normal.isascii()
    assert len(found.normal) <= MOST_CHARACTERS
    return True


if __name__ == "__main__":
    run(one)
