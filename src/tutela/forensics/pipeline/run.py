"""Run a case: the quick pass within its time, then the complete pass, which goes on where a kill ended it.

1. Devices that were not listed are listed: every file enters the queue, or is counted as outside the authorisation.
2. The quick pass reads digests alone, of cheap places first, until its time is over.
3. The complete pass reads every file of the queue in its order, hashes it once, looks it up and records it. A file that
   is too long to be held is looked up by its digests alone. Results are written in the order of the queue: the same
   devices and lists give the same rows, however often the run was killed.
4. Unknown items are ordered. Then the case is complete, or incomplete if a source could not be read whole. The next run
   then tries again what was lost.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass

from tutela.forensics.case_folder.case import Case
from tutela.forensics.case_folder.losses import CaseState, case_state, reopen_losses
from tutela.forensics.items.signs import order_items
from tutela.forensics.lists.reference_list import ReferenceList, open_lists
from tutela.forensics.pipeline.examine_file import EarlierCopies, Examiner, MediaHasher, exact_matches
from tutela.forensics.pipeline.file_queue import list_devices, pending_files, quick_files
from tutela.forensics.pipeline.read_files import FileReader
from tutela.forensics.pipeline.record_items import ItemRecorder
from tutela.forensics.sources.open_device import DeviceOpener, open_device
from tutela.matching import Match
from tutela.media import Digests, digest_bytes

MOST_FILE_BYTES = 1 << 30
# Bytes of files that were read and are not recorded yet.
_MOST_WAITING = 1 << 29
# So many files wait where all of them together are no larger: threads need not be waited for file by file.
_SMALL_FILES, _SMALL_BYTES = 64, 4 << 20
# Recorded in one transaction. Its end waits for the disk, so that a second's small files share one.
_FILES_AT_ONCE, _SECONDS_AT_ONCE = 1000, 1.0


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a pass is. Files and bytes of the whole case; the rate is that of this run."""

    stage: str
    files: int
    of_files: int
    size: int
    of_size: int
    files_per_second: float
    seconds_left: float | None


type Report = Callable[[RunProgress], None]
# The digest of a file's bytes, and the entries that have it.
type _LookedUp = tuple[str, list[tuple[ReferenceList, Match]]]


@dataclass(slots=True)
class TriageRun:
    """One run of a case. `monotonic` is the clock of budgets and rates."""

    case: Case
    hasher: MediaHasher
    jobs: int = 2
    quick_seconds: float = 0.0
    most_file_bytes: int = MOST_FILE_BYTES
    report: Report = lambda _: None
    monotonic: Callable[[], float] = time.monotonic
    opener: DeviceOpener = open_device

    def run(self, *, complete: bool = True) -> None:
        """Run what is left of the case. `complete`: whether the complete pass follows the quick pass.

        Of an incomplete case, what could not be read is tried again. Raises CaseChangedError for a list that was
        exchanged.
        """
        state = case_state(self.case)
        if state is CaseState.COMPLETE:
            return
        lists = open_lists(self.case)
        if state is CaseState.INCOMPLETE:
            reopen_losses(self.case)
        list_devices(self.case, self.opener)
        with ExitStack() as stack:
            reader = stack.enter_context(FileReader(self.opener, self.most_file_bytes))
            if self.quick_seconds > 0:
                self._quick(reader, lists)
            if complete:
                self._complete(reader, lists, stack)

    def _quick(self, reader: FileReader, lists: list[ReferenceList]) -> None:
        recorder, end = ItemRecorder(self.case), self.monotonic() + self.quick_seconds
        reader.ended = lambda: self.monotonic() >= end

        def look_up(_file: sqlite3.Row, data: bytes) -> _LookedUp:
            return found(digest_bytes(data))

        def unheld(_file: sqlite3.Row, said: Digests | str) -> _LookedUp | None:
            return found(said) if isinstance(said, Digests) else None

        def found(digests: Digests) -> _LookedUp:
            return digests.sha256, exact_matches(lists, digests)

        def record(file: sqlite3.Row, found: _LookedUp | None) -> None:
            if found is not None:
                recorder.record_quick(file, *found)

        files = self._until(end, reader.read(quick_files(self.case)))
        self._record("quick pass", self._in_order(files, look_up, unheld), record)

    def _until[T](self, end: float, files: Generator[T]) -> Iterator[T]:
        """Files until a moment of the clock, which is asked before each is read. What is left is not waited for."""
        with closing(files):
            while self.monotonic() < end and (file := next(files, None)) is not None:
                yield file

    def _complete(self, reader: FileReader, lists: list[ReferenceList], stack: ExitStack) -> None:
        copies = EarlierCopies(self.case)
        stack.callback(copies.close)
        examiner = Examiner(self.hasher, lists, copies, self.case.allowed)
        reader.ended = lambda: False
        found = self._in_order(
            reader.read(pending_files(self.case)),
            lambda file, data: examiner.examine(file["path"], data, file["modified"]),
            lambda file, said: [examiner.not_held(file["path"], file["size"], said)],
        )
        self._record("complete pass", found, ItemRecorder(self.case).record)
        order_items(self.case)
        self.case.set_fact("complete", "yes")

    def _record[T](
        self, stage: str, found: Iterator[tuple[sqlite3.Row, T]], record: Callable[[sqlite3.Row, T], None]
    ) -> None:
        """Record what was found, in transactions of at most some files and seconds."""
        meter, since, done = _Meter(self, stage), self.monotonic(), list[tuple[sqlite3.Row, T]]()
        for file, result in found:
            done.append((file, result))
            if len(done) >= _FILES_AT_ONCE or self.monotonic() - since >= _SECONDS_AT_ONCE:
                self._write(done, record)
                since = self.monotonic()
            meter.count(file["size"])
        self._write(done, record)

    def _write[T](self, done: list[tuple[sqlite3.Row, T]], record: Callable[[sqlite3.Row, T], None]) -> None:
        with self.case.transaction():
            for file, result in done:
                record(file, result)
        done.clear()

    def _in_order[T](
        self,
        files: Iterable[tuple[sqlite3.Row, bytes | Digests | str]],
        work: Callable[[sqlite3.Row, bytes], T],
        unheld: Callable[[sqlite3.Row, Digests | str], T],
    ) -> Iterator[tuple[sqlite3.Row, T]]:
        """Files in their order, each with what `work` makes of its bytes. Few files and bounded bytes are held."""
        waiting, held = deque[tuple[sqlite3.Row, Future[T], int]](), 0
        with ThreadPoolExecutor(self.jobs, thread_name_prefix="triage") as pool:
            for file, data in files:
                if isinstance(data, bytes):
                    task = pool.submit(work, file, data)
                else:
                    task = Future[T]()
                    task.set_result(unheld(file, data))
                size = len(data) if isinstance(data, bytes) else 0
                waiting.append((file, task, size))
                held += size
                del data
                while self._full(len(waiting), held):
                    row, first, freed = waiting.popleft()
                    yield row, first.result()
                    held -= freed
            for row, first, _size in waiting:
                yield row, first.result()

    def _full(self, files: int, held: int) -> bool:
        many = 2 * self.jobs if held > _SMALL_BYTES else max(2 * self.jobs, _SMALL_FILES)
        return files > many or (files > 0 and held > _MOST_WAITING)


class _Meter:
    """Counts what a pass has done, and reports it."""

    def __init__(self, run: TriageRun, stage: str) -> None:
        query = "SELECT count(*), sum(size), sum(done), sum(CASE WHEN done THEN size END) FROM file WHERE outside = ''"
        row = run.case.rows(query)[0]
        self._run, self._stage, self._started = run, stage, run.monotonic()
        self._of_files, self._of_size, self._files, self._size = (int(value or 0) for value in tuple(row))
        self._now_files = self._now_size = 0

    def count(self, size: int) -> None:
        self._now_files += 1
        self._now_size += size
        seconds = max(self._run.monotonic() - self._started, 1e-6)
        files, total = self._files + self._now_files, self._size + self._now_size
        # Small files cost by their number and large ones by their bytes: the slower of both estimates counts.
        left = max(
            (self._of_files - files) * seconds / self._now_files,
            (self._of_size - total) * seconds / self._now_size if self._now_size else 0.0,
        )
        self._run.report(
            RunProgress(
                self._stage, files, self._of_files, total, self._of_size, self._now_files / seconds, max(0.0, left)
            )
        )
