"""Reference of lawful images that must never be in the register, and the canaries of each release.

1. The canaries are few. Their names, sources and digests are public (`exchange.register.canaries`), so anyone can fetch
   such an image, hash it and check its proof of absence.
2. The shipped reference contains PDQ hashes of some thousands of freely licensed images (`benign_reference.pdq`, made
   by `scripts/benign.py`). A line of JSON names the source packages. Then 32 bytes per hash follow, package by package,
   never an image.
3. The operator's additions are in the database (`lawful_reference`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from tutela.exchange.register.canaries import canaries
from tutela.matching.files.records import MAX_DISTANCE
from tutela.matching.index.hamming_index import HammingIndex

FORMAT = b"tutela-benign/1\n"
PDQ_BYTES = 32


@dataclass(frozen=True)
class Shipped:
    """Shipped reference of lawful images: its packages and its hashes in order.

    `archive` names the packages, `quality` is the lowest of its hashes, `sha256` identifies the edition: the whole
    file.
    """

    packages: tuple[dict[str, Any], ...]
    hashes: bytes
    archive: str
    quality: int
    sha256: str

    @property
    def looks(self) -> list[bytes]:
        """Every PDQ hash of the reference."""
        return [self.hashes[at : at + PDQ_BYTES] for at in range(0, len(self.hashes), PDQ_BYTES)]


@lru_cache
def shipped() -> Shipped:
    """Return the shipped reference of lawful images."""
    data = files("tutela.indicators.hashes").joinpath("benign_reference.pdq").read_bytes()
    said, _, hashes = data.removeprefix(FORMAT).partition(b"\n")
    head = json.loads(said)
    packages = tuple(head["packages"])
    if not data.startswith(FORMAT) or sum(one["pictures"] for one in packages) * PDQ_BYTES != len(hashes):
        raise ValueError("benign_reference.pdq is damaged")
    return Shipped(packages, hashes, head["archive"], head["quality"], hashlib.sha256(data).hexdigest())


def resembled(kind: str, value: str) -> str:
    """Return the name of a lawful image with this digest or a matching PDQ hash; empty if none.

    For an image of the shipped reference, the name is that of its package.
    """
    if kind != "pdq":
        return _by_digest().get((kind, value), "")
    index, names = _looks()
    near = index.query(np.frombuffer(bytes.fromhex(value), np.uint8).reshape(1, PDQ_BYTES), MAX_DISTANCE)
    return names[int(near.ids[0])] if len(near.ids) else ""


def resembling(looks: Sequence[bytes]) -> set[bytes]:
    """Return those of some PDQ hashes that are near a lawful picture's."""
    return near_any(_looks()[0], looks)


def near_any(index: HammingIndex, looks: Sequence[bytes]) -> set[bytes]:
    """Return those of some PDQ hashes that are within match distance of one in an index."""
    if not looks:
        return set()
    found = index.query(np.frombuffer(b"".join(looks), np.uint8).reshape(-1, PDQ_BYTES), MAX_DISTANCE)
    return {looks[row] for row in np.flatnonzero(np.diff(found.offsets)).tolist()}


def index() -> HammingIndex:
    """Return an index of the PDQ hashes of the shipped reference."""
    return _looks()[0]


@lru_cache
def _by_digest() -> dict[tuple[str, str], str]:
    return {(kind, one[kind]): one["name"] for one in canaries() for kind in ("md5", "sha1", "sha256")}


@lru_cache
def _looks() -> tuple[HammingIndex, list[str]]:
    """All of them as an index, and the name of each by its place."""
    names = [one["name"] for one in canaries()]
    looks = [bytes.fromhex(one["pdq"]) for one in canaries()]
    for package in shipped().packages:
        names += [f"{package['name']} {package['version']}"] * package["pictures"]
    looks += shipped().looks
    return HammingIndex(np.frombuffer(b"".join(looks), np.uint8).reshape(-1, PDQ_BYTES)), names
