"""Lawful pictures that must never be in the register: a reference for the entry gate, and the canaries of each release.

Their names, sources and digests are public (`canaries.json`), so that anyone can fetch such a picture, hash it and
check its proof of absence.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

from tutela.matching.records import MAX_DISTANCE


@lru_cache
def canaries() -> tuple[dict[str, str], ...]:
    """Name, source, author, licence, and the digests by kind."""
    return tuple(json.loads(files("tutela.indicators").joinpath("canaries.json").read_text()))


def resembled(kind: str, value: str) -> str:
    """The name of a lawful picture that has this digest, or is as near to this PDQ hash as a match; empty if none."""
    wanted = int(value, 16)
    for one in canaries():
        distance = (int(one[kind], 16) ^ wanted).bit_count()
        if distance == 0 or (kind == "pdq" and distance <= MAX_DISTANCE):
            return one["name"]
    return ""
