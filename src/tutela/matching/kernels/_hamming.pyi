from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

def simd_level() -> str: ...
def simd_levels() -> list[str]: ...
def order(hashes: NDArray[np.uint8]) -> NDArray[np.uint32] | None: ...
def postings(
    hashes: NDArray[np.uint8], bits: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint8]]: ...
def mark(ids: NDArray[np.uint32], gone: NDArray[np.uint32], dead: NDArray[np.uint8]) -> None: ...

class Table:
    unique: int
    def __init__(
        self,
        hashes: NDArray[np.uint8],
        bits: int,
        starts: NDArray[np.uint32],
        signatures: NDArray[np.uint16],
        positions: NDArray[np.uint8],
    ) -> None: ...

class Layer:
    def __init__(
        self, table: Table, ids: NDArray[np.uint32] | None = None, dead: NDArray[np.uint8] | None = None
    ) -> None: ...

def ask(
    layers: Sequence[Layer],
    queries: NDArray[np.uint8],
    radius: int,
    first_only: bool = False,
    level: str | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint16]]: ...
