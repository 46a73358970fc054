"""Cut a listing into numbered batches."""

from __future__ import annotations

import gzip
import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tutela.scan.errors import ScanError


@dataclass(frozen=True, slots=True)
class Batch:
    """Names number * size … of a listing."""

    number: int
    names: tuple[str, ...]

    @property
    def digest(self) -> str:
        """16 hex digits that tell this batch from one with other names."""
        joined = "\0".join(self.names).encode("utf-8", "surrogatepass")
        return hashlib.sha256(joined).hexdigest()[:16]


def batches(names: Iterable[str], size: int) -> Iterator[Batch]:
    """Consecutive batches of `size` names; the last may be shorter."""
    for number, chosen in enumerate(itertools.batched(names, size)):
        yield Batch(number, chosen)


def named_in(path: Path) -> Iterator[str]:
    """The names in a file, one a line, as a stream; `.gz` is unpacked. Empty lines count for nothing.

    Raises ScanError where the file is no text.
    """
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8", newline="\n") as file:
            for line in file:
                name = line.rstrip("\r\n")
                if name:
                    yield name
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise ScanError(f"The listing {path} cannot be read ({type(error).__name__}).") from None
