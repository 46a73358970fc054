"""Bytes that claim to be a document of the CyberTipline interface. Run: `python -m tests.fuzz.fuzz_cybertip [seconds]`.

From the root. What is read must become a report or be refused by name; nothing else is raised, and nothing is fetched.
"""

from __future__ import annotations

import random

from pydantic import ValidationError

from tests.fuzz.running import run
from tests.support.cybertips import BATCHED, NOW, RICH, details, report, user
from tutela.events.identifiers import uuid7
from tutela.exchange.cybertip import BrokenElement, Filed, Malformed, canonical, read_details, read_tip

_DOCUMENTS = (RICH, report(first=BATCHED), report(after=user("<screenName>a</screenName>")), details())
_PIECES = (
    b'<!DOCTYPE a [<!ENTITY b "c">]>',
    b'<!DOCTYPE a SYSTEM "file:///etc/hostname">',
    b"&b;",
    b"&#0;",
    b"&#x110000;",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?pi x?>",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"]]",
    b"</report>",
    b"<report>",
    b' a="b"',
    b" xmlns='urn:x'",
    b"<" * 300,
    b"<a>" * 300,
    b"9" * 400,
    b"-1",
    b"2026-13-45T99:99:99Z",
    b"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/hostname'/>",
)


def one(seed: int) -> bool:
    """One document with something wrong in it, or nothing; True if it was read."""
    rng = random.Random(seed)
    data = rng.choice(_DOCUMENTS)
    for _ in range(rng.randint(0, 3)):
        data = _changed(data, rng)
    try:
        if b"fileDetails" in data[:100]:
            read_details(data, NOW)
        else:
            canonical(read_tip(data, NOW).root, [], Filed(uuid7(), 10**12, "Provider", NOW))
    except (Malformed, BrokenElement, ValidationError) as error:
        if not str(error):
            raise
        return False
    return True


def _changed(data: bytes, rng: random.Random) -> bytes:
    at, to = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    match rng.randrange(7):
        case 0:
            return data[:at] + rng.choice(_PIECES) + data[at:]
        case 1:
            return data[:at] + data[min(to, at + 40) :]
        case 2:
            return data[:at]
        case 3:
            return data[:at] + data[at:to] * 2 + data[to:]
        case 4:
            flipped = bytearray(data)
            if flipped:
                flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
            return bytes(flipped)
        case 5:
            return data.decode("utf-8", "replace").encode(rng.choice(("utf-16", "utf-32", "latin-1")), "replace")
        case _:
            return data.replace(b"UTF-8", rng.choice((b"UTF-16", b"EBCDIC-CP-US", b"x" * 50, b"")))


if __name__ == "__main__":
    run(one)
