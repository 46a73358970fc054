"""Bulk import: many proposals from one file, each an indicator with its own event and log entry.

1. The file is identified by its digest and parameters. Lines accepted by an earlier run are skipped, and refused lines
   are tried again (`resume`). A file that is cut off is refused before a line of it is proposed.
2. Lines are read, checked (`lines`) and signed while the previous batch is being written.
3. A batch is one transaction: known items are left out, the rest is written, and the progress of the run is stored.

Imported indicators are proposed, never active: other organisations certify them. They keep the name of their source.
Each batch is recorded. An import that is an outlier, or larger than the Centre allows (`import_quotas`), is held
(`quarantine`).
"""

from __future__ import annotations

import csv
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TextIO
from uuid import UUID

from django.db import connections

from tutela.events.actor import Actor
from tutela.events.errors import Invalid, TutelaError
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import Unreadable
from tutela.exchange.hash_lists.mapped_columns import LONGEST_VIDEO, Mapping, is_ours
from tutela.exchange.message.line_ends import CutOffError, check_file
from tutela.indicators.errors import FileCut, KindOutsidePolicy, OutsidePolicy
from tutela.indicators.imports import external_formats, resume
from tutela.indicators.imports.batches import LINES_AT_ONCE, Cut, Made, prepared
from tutela.indicators.imports.errors import FileNotRead, ImportsCertify
from tutela.indicators.imports.lines import BadLine, Defaults, LineReader, Proposal
from tutela.indicators.imports.writer import Writing
from tutela.indicators.integrity.signing import RegisterSigner
from tutela.indicators.lifecycle import policy
from tutela.indicators.safeguards import holds
from tutela.law.classification import checked_code
from tutela.organisations.approvals import rules as approvals_rules

# A mark of the order of bytes, which spreadsheets write in front, is none of the first column's name.
ENCODING = "utf-8-sig"


@dataclass
class ImportReport:
    """Result of an import.

    An earlier run did `skipped` lines; `again` lines were refused then and tried once more. `held`: nobody certifies it
    until the Centre has checked it.
    """

    run_id: UUID
    lines: int = 0
    skipped: int = 0
    again: int = 0
    accepted: int = 0
    refused: int = 0
    unmapped: list[str] = field(default_factory=list)
    held: bool = False

    @classmethod
    def of(cls, at: resume.Begun) -> ImportReport:
        """Return the report of an import as it begins."""
        return cls(at.run_id, at.lines, at.lines - len(at.again), len(at.again))

    def count(self, made: Made) -> None:
        """A batch of it is done."""
        self.lines = max(self.lines, made.last)
        self.accepted += len(made.indicators)
        self.refused += len(made.bad)


def run(  # noqa: PLR0913 - each is a part of what is imported, or told
    actor: Actor,
    file: Path,
    *,
    source: str,
    defaults: Defaults,
    dry_run: bool = False,
    form: str = "",
    mapping: Mapping | None = None,
    told: Callable[[ImportReport], None] = lambda _: None,
    bad: Callable[[BadLine], None] = lambda _: None,
) -> ImportReport:
    """Import a file of JSON Lines, or of CSV if its name ends so.

    An external format or a mapping may be given. A file that Tutela exported needs no mapping.

    `told` is called after every batch, `bad` for every refused line.

    Raises `Invalid` if there is no source, or the actor may not propose; `FileCut`, `FileNotRead`; `OSError`,
    `UnicodeDecodeError`.
    """
    check(actor)
    source = named(source)
    sha256, form = _digest(file), form or usual(file.name)
    _require_whole(file, form, mapping)
    at = resume.begun(actor, resume.asked(sha256, form, mapping, defaults, source))
    report = ImportReport.of(at)
    with file.open(encoding=ENCODING, newline="") as lines:
        reader = reader_of(lines, form, mapping, defaults)
        read = (one for one in reader.read(lines) if at.wants(one.line))
        write = Writing(actor, at.run_id, sha256, source, dry_run, lambda made: resume.keep(actor, at, made), at.again)
        _written(read, write, report, told, bad)
    report.unmapped = reader.unmapped
    with acting(actor):
        report.held = bool(holds.of_runs([at.run_id]))
    return report


def _require_whole(file: Path, form: str, mapping: Mapping | None) -> None:
    """Read a file to its end, and raise `FileCut` or `FileNotRead` if it has none."""
    if form in external_formats.OF_LINES:
        try:
            check_file(file)
        except CutOffError:
            raise FileCut from None
    if form == "jsonl":
        return
    with file.open(encoding=ENCODING, newline="") as opened:
        try:
            if form == "csv":
                deque(csv.reader(opened, delimiter=mapping.separator if mapping else ",", strict=True), maxlen=0)
            else:
                deque(external_formats.source(form).read(opened), maxlen=0)
        except (csv.Error, Unreadable) as error:
            raise FileNotRead(
                "The file cannot be read to its end, so nothing was imported: {reason}.", reason=str(error)
            ) from None


def run_entries(
    actor: Actor,
    run_id: UUID,
    read: Iterable[Proposal | BadLine],
    *,
    source: str,
    of: str,
    on_batch: Callable[[Made], None],
) -> None:
    """Import entries that are already in a list, like `run`.

    `of` names the list as a digest names a file. `on_batch` is called within the transaction of every batch and stores
    the progress of the run.
    """
    check(actor)
    write = Writing(actor, run_id, hashlib.sha256(of.encode()).hexdigest(), source, False, on_batch)
    _written(read, write, ImportReport(run_id), lambda _: None, lambda _: None)


def named(source: str) -> str:
    """Return a source, trimmed, as every entry keeps it. Raises `Invalid` if it is empty."""
    if not source.strip():
        raise Invalid("Enter the source. Every entry keeps its source.", field="source")
    return source.strip()[:80]


def check(actor: Actor) -> None:
    """Raise `Forbidden` or `OutsidePolicy` if the actor may not propose.

    An import certifies what it proposes, a million entries at a time. No security key is asked and no second person
    agrees. An organisation that requires either cannot import.
    """
    actor.require("indicators.propose")
    actor.require_verified()
    if actor.organisation_kind not in policy.certifiers():
        raise KindOutsidePolicy
    if approvals_rules.standing(actor.organisation_id):
        raise ImportsCertify


def _written(
    read: Iterable[Proposal | BadLine],
    write: Writing,
    report: ImportReport,
    told: Callable[[ImportReport], None],
    bad: Callable[[BadLine], None],
) -> None:
    """Steps 2 and 3."""
    with ThreadPoolExecutor(1) as writer:
        waiting = None
        for batch in _batches(read):
            made = prepared(batch, signer_of(write))
            if waiting is not None:
                _count(report, waiting.result(), told, bad)
            waiting = writer.submit(copy_context().run, write.batch, made)
        if waiting is not None:
            _count(report, waiting.result(), told, bad)
        writer.submit(connections.close_all).result()


def signer_of(write: Writing) -> RegisterSigner | None:
    """Return a signer with the key in use as a batch is prepared; None for a dry run, which signs nothing."""
    if write.dry_run:
        return None
    with acting(write.actor):
        return RegisterSigner(write.actor)


def _batches(read: Iterable[Proposal | BadLine]) -> Iterator[list[Proposal | BadLine]]:
    cut, batch = Cut(LINES_AT_ONCE), list[Proposal | BadLine]()
    for one in read:
        batch.append(one)
        if cut.after(one):
            yield batch
            batch = []
    if batch:
        yield batch


def _count(
    report: ImportReport, made: Made, told: Callable[[ImportReport], None], bad: Callable[[BadLine], None]
) -> None:
    report.count(made)
    for one in sorted(made.bad, key=lambda line: line.line):
        bad(one)
    told(report)


def usual(name: str) -> str:
    """Return the default format for a file of this name."""
    return "csv" if name.lower().endswith(".csv") else "jsonl"


def reader_of(
    opened: TextIO, form: str, mapping: Mapping | None, defaults: Defaults
) -> LineReader | external_formats.ListReader:
    """Return the reader of a file in a format or by a mapping. The file must be at its beginning."""
    if mapping is None and form in ("csv", "jsonl"):
        # The columns of our own writer need no mapping.
        first = next((line for line in iter(lambda: opened.readline(LONGEST_VIDEO), "") if line.strip()), "")
        mapping = Mapping() if is_ours(first, lines_of_json=form == "jsonl") else None
        opened.seek(0)
    if form in ("vics", "icse", "stix") or mapping is not None:
        return external_formats.ListReader(external_formats.source(form, mapping), defaults, judge())
    return LineReader(form == "csv", defaults, judge())


def judge() -> Callable[[str], TutelaError | None]:
    """Return a function that says why a classification cannot be used, or None. Each one is looked up once."""
    rules = policy.rules()

    @cache
    def judged(classification: str) -> TutelaError | None:
        try:
            checked_code(classification)
        except TutelaError as error:
            return error
        return None if rules.permits(classification) else OutsidePolicy()

    return judged


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
