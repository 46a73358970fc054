"""The hasher that a scan and an Edge are given: a pool of caged workers, or its twin in tests."""

from __future__ import annotations

from typing import Protocol

from tutela.media import Hashed, Refused


class Hasher(Protocol):
    """The sandboxed pool. `isolation` names what holds its decoders."""

    @property
    def isolation(self) -> str: ...
    def hash_bytes(self, data: bytes, *, tenant: str, listed: bool = False) -> Hashed | Refused: ...
