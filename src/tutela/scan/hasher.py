"""Hasher interface of a scan and an Edge: a pool of caged workers, or its substitute in tests."""

from __future__ import annotations

from typing import Protocol

from tutela.media import Hashed, Refused


class Hasher(Protocol):
    """The sandboxed pool. `isolation` names what holds its decoders."""

    @property
    def isolation(self) -> str: ...
    def hash_bytes(self, data: bytes, *, tenant: str, listed: bool = False) -> Hashed | Refused: ...
