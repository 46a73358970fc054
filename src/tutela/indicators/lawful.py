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
    if kind != "pdq":
        return _by_digest().get((kind, value), "")
    wanted = int(value, 16)
    return next((name for look, name in _looks() if (look ^ wanted).bit_count() <= MAX_DISTANCE), "")


@lru_cache
def _by_digest() -> dict[tuple[str, str], str]:
    return {(kind, one[kind]): one["name"] for one in canaries() for kind in ("md5", "sha1", "sha256")}


@lru_cache
def _looks() -> tuple[tuple[int, str], ...]:
    return tuple((int(one["pdq"], 16), one["name"]) for one in canaries())
