"""Worker of one machine: hold the lists, hash with all cores, and turn a batch of names into lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tutela.edge.cluster.ledger import Counts
from tutela.matching import MatchList
from tutela.media import HasherPool, Limits
from tutela.scan.output_formats import as_record
from tutela.scan.scan import Scan, ScanResult, in_lists
from tutela.scan.walk import Unread, WalkLimits


@dataclass(frozen=True, slots=True)
class Done:
    """Result of a batch: JSON Lines, and their totals."""

    lines: bytes
    counts: Counts


class Host:
    """One a machine. Batches may come from several threads: one is read while another is hashed."""

    def __init__(
        self, load: Callable[[], Sequence[MatchList]], jobs: int, limits: Limits | None = None, inside: bool = False
    ) -> None:
        self._lists, self._jobs, self._walk = load(), jobs, WalkLimits(inside=inside)
        self._pool = HasherPool(workers=jobs, limits=limits)
        self._pool.__enter__()
        self._closing = threading.Lock()

    def lists(self) -> list[tuple[str, int, str]]:
        """(id, version, SHA-256) of each list, for the driver to compare."""
        return identity(self._lists)

    def scan(self, names: Sequence[str]) -> Done:
        """Every item under the names, a line each: objects and members of archives. No item's trouble ends it."""
        counts, lines = Counts(), list[str]()
        for one in Scan(self._pool, in_lists(self._lists), self._jobs, self._walk).run(names, walked=True):
            lines.append(json.dumps(as_record(one), ensure_ascii=False))
            counts += counted(one)
        return Done("".join(f"{line}\n" for line in lines).encode(), counts)

    def close(self) -> None:
        """End the hashers."""
        with self._closing:
            self._pool.__exit__(None, None, None)


def identity(lists: Sequence[MatchList]) -> list[tuple[str, int, str]]:
    """(id, version, SHA-256) of each list."""
    return [(one.list_id, one.version, one.snapshot.sha256) for one in lists]


def counted(one: ScanResult) -> Counts:
    """A single result as counts."""
    flat = one.not_compared
    return Counts(1, one.size, bool(one.matches), bool(one.refusal), one.unhashed, not_compared=flat)


def lost(name: str) -> Done:
    """The one line of an object, archive or not, that ended every host that tried it."""
    one = ScanResult(name, 0, None, unread=Unread(name, "crashed", "every machine that tried this object stopped"))
    return Done(json.dumps(as_record(one), ensure_ascii=False).encode() + b"\n", counted(one))
