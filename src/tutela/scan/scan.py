"""Scan paths: paths in, one result an item out. The library behind `tutela scan`."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tutela.matching import Match, MatchList
from tutela.media import Code, Hashed, Refused
from tutela.scan import object_store
from tutela.scan.hasher import Hasher
from tutela.scan.journal import Journal
from tutela.scan.outcome import Status, status_of
from tutela.scan.walk import STDIN, FoundFile, Unread, WalkLimits, files, read

# A scan has one tenant, because all its items belong to the person who starts it.
TENANT = "scan"
# Names of unread items that a summary has.
MOST_NAMES = 5
_PASSING = frozenset({"unreadable", str(Code.UNAVAILABLE)})


@dataclass(frozen=True, slots=True)
class ScanResult:
    """One item. `result` is None if its bytes could not be read; `unread` gives the reason."""

    name: str
    size: int
    result: Hashed | Refused | None
    matches: tuple[Match, ...] = ()
    unread: Unread | None = None
    # Of a file whose pictures are results of their own: its digests were looked up, and there is no more to it.
    opened: bool = False

    @property
    def unhashed(self) -> bool:
        """Whether something is left unscanned: it could not be read, or it is a picture that could not be hashed."""
        if self.result is None or status_of(self.result) is not Status.NOT_DECODED:
            return self.result is None
        # A PDF has no readable picture format; a file that begins as a picture and is also a PDF counts as both.
        return not (self.opened and isinstance(self.result, Refused) and self.result.code is Code.UNSUPPORTED)

    @property
    def not_compared(self) -> bool:
        """Whether it is a picture or video too flat for a perceptual hash: only its digests were looked up."""
        return self.result is not None and status_of(self.result) is Status.NOT_COMPARED

    @property
    def passing(self) -> bool:
        """Whether another try may read it: a disk or a store did not answer, or no decoder was there."""
        code = self.refusal[0] if self.refusal else ""
        return code in _PASSING

    @property
    def refusal(self) -> tuple[str, str] | None:
        """(code, message) if there is no perceptual hash."""
        if self.unread:
            return self.unread.code, self.unread.message
        return (str(self.result.code), self.result.message) if isinstance(self.result, Refused) else None


@dataclass(slots=True)
class Totals:
    """Running counts of a scan. `skipped` are files that the journal marks as done."""

    items: int = 0
    bytes: int = 0
    matched: int = 0
    files: int = 0
    skipped: int = 0
    by_list: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    not_compared: int = 0
    # Files that the journal marks as done also count.
    any_match: bool = False
    any_unhashed: bool = False
    # Of this run, with the names of the first.
    unhashed: int = 0
    unhashed_names: list[str] = field(default_factory=list)
    _file: tuple[bool, bool, bool] = (False, False, False)

    def add(self, one: ScanResult) -> None:
        self.items += 1
        self.bytes += one.size
        self.matched += bool(one.matches)
        self.by_list.update({match.list_id for match in one.matches})
        self.by_rule.update({match.rule for match in one.matches})
        self.not_compared += one.not_compared
        if one.refusal:
            self.refused[one.refusal[0]] += 1
        self.known(bool(one.matches), one.unhashed)
        if one.unhashed:
            self.unhashed += 1
            if len(self.unhashed_names) < MOST_NAMES:
                self.unhashed_names.append(one.name)
        matched, unhashed, again = self._file
        self._file = matched or bool(one.matches), unhashed or one.unhashed, again or one.passing

    def known(self, matched: bool, unhashed: bool) -> None:
        """Count what an item or a file came to into what the whole scan did."""
        self.any_match, self.any_unhashed = self.any_match or matched, self.any_unhashed or unhashed

    def file(self) -> tuple[bool, bool, bool]:
        """Flags for the items since the last call: one matched, one was not hashed, one may be readable later."""
        found, self._file = self._file, (False, False, False)
        return found


class FileHasher(Hasher, Protocol):
    """The sandboxed pool, which can also read files in place."""

    def hash_file(self, path: Path, *, tenant: str, listed: bool = False) -> Hashed | Refused: ...


class Matcher(Protocol):
    """Whatever answers matches: lists in this process, or an Edge elsewhere."""

    def __call__(self, result: Hashed | Refused) -> Sequence[Match]: ...


def in_lists(lists: Sequence[MatchList]) -> Matcher:
    """Match against lists in this process."""

    def matches(result: Hashed | Refused) -> list[Match]:
        frames = result.frames if isinstance(result, Hashed) else ()
        return [match for one in lists for match in one.match(result.digests, frames)]

    return matches


@dataclass(frozen=True, slots=True)
class Scan:
    """Settings of a scan. `progress` is called after every item and every file."""

    hasher: FileHasher
    matcher: Matcher
    jobs: int = 2
    limits: WalkLimits = field(default_factory=WalkLimits)
    journal: Journal | None = None
    totals: Totals = field(default_factory=Totals)
    progress: Callable[[Totals], None] = lambda _: None
    # Hash as entries for a list, not as uploads.
    listed: bool = False

    def run(self, paths: Iterable[str], *, walked: bool = False) -> Iterator[ScanResult]:
        """Scan every item under the paths, in a stable order.

        A file is journalled once its last result was taken. `walked` states that the paths are single files and objects
        already: none is taken for a folder or a prefix. At most `2 * jobs` items are in memory. A faulty item never
        ends the scan.
        """
        with ThreadPoolExecutor(self.jobs) as pool:
            waiting: deque[Future[ScanResult] | tuple[str, int, int]] = deque()
            for step in self._steps(paths if walked else files(paths), pool):
                waiting.append(step)
                while len(waiting) > 2 * self.jobs:
                    yield from self._take(waiting.popleft())
            while waiting:
                yield from self._take(waiting.popleft())

    def _steps(
        self, paths: Iterable[str], pool: ThreadPoolExecutor
    ) -> Iterator[Future[ScanResult] | tuple[str, int, int]]:
        for path in paths:
            mark = _mark(path) if self.journal is not None or not object_store.is_object(path) else (path, 0, 0)
            if self.journal is not None and mark and (before := self.journal.outcome(*mark)) is not None:
                self.totals.known(*before)
                self.totals.skipped += 1
                self.totals.files += 1
                continue
            for found in read(path, self.limits):
                yield pool.submit(self._one, found)
            if mark:
                yield mark

    def _one(self, found: FoundFile | Unread) -> ScanResult:
        if isinstance(found, Unread) and found.digests is None:
            return ScanResult(found.name, 0, None, unread=found)
        if isinstance(found, Unread):
            large = Refused(found.digests, Code.TOO_LARGE, found.message)
            return ScanResult(found.name, found.size, large, tuple(self.matcher(large)))
        with found.budget.hashing():
            if found.path is not None:
                result = self.hasher.hash_file(found.path, tenant=TENANT, listed=self.listed)
            else:
                result = self.hasher.hash_bytes(found.data, tenant=TENANT, listed=self.listed)
        return ScanResult(found.name, found.size, result, tuple(self.matcher(result)), opened=found.opened)

    def _take(self, step: Future[ScanResult] | tuple[str, int, int]) -> Iterator[ScanResult]:
        if isinstance(step, tuple):
            self.totals.files += 1
            matched, unhashed, again = self.totals.file()
            if self.journal is not None and not again:
                self.journal.done(*step, matched=matched, unhashed=unhashed)
            self.progress(self.totals)
            return
        one = step.result()
        self.totals.add(one)
        yield one
        self.progress(self.totals)


def _mark(path: str) -> tuple[str, int, int] | None:
    if path == STDIN:
        return None
    if object_store.is_object(path):
        known = object_store.mark(path)
        return (path, *known) if known else None
    try:
        status = os.stat(path)  # noqa: PTH116 - the path stays the text that the user gave
    except OSError:
        return None
    return str(Path(path)), status.st_size, status.st_mtime_ns
