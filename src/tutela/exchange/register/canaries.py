"""Lawful pictures that are in no list of the register: each release proves it, and each Edge checks.

The pictures are few. Their names, sources and digests are public, so that anyone can fetch one and hash it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

KINDS = ("md5", "sha1", "sha256", "pdq")


@lru_cache
def canaries() -> tuple[dict[str, str], ...]:
    """Name, source, author, licence, and the digests by kind."""
    return tuple(json.loads(files("tutela.exchange.register").joinpath("canaries.json").read_text()))
