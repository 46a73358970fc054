import numpy as np
from numpy.typing import NDArray

def simd_level() -> str: ...

class Index:
    size: int
    nbytes: int
    multi: bool
    def __init__(self, hashes: NDArray[np.uint8], multi: bool) -> None: ...
    def query(
        self, queries: NDArray[np.uint8], radius: int, level: str | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint16]]: ...
