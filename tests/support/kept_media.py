"""Encoded media of one run of all tests, kept in a folder by what they are made from: each is encoded once.

`scripts/groups.py` names the folder; whoever runs a few tests alone encodes for himself.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


def kept(make: Callable[[], bytes], recipe: str, pictures: Iterable[bytes]) -> bytes:
    """What `make` returns for these pictures, encoded by this recipe: everything that the bytes depend on."""
    if not (folder := os.environ.get("MEDIA_FOR_TESTS")):
        return make()
    key = hashlib.sha256(recipe.encode())
    for one in pictures:
        key.update(hashlib.sha256(one).digest())
    file = Path(folder) / key.hexdigest()
    if not file.exists():
        # Two groups may make the same: whoever is later writes the same over it.
        handle, beside = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as out:
            out.write(make())
        Path(beside).replace(file)
    return file.read_bytes()
