"""File uploaded at the desk: read like `tutela import`, and proposed as a whole or not at all.

1. The bytes are held in memory while needed and are not stored.
2. The file is read to its end before anything is written. A file that is too long, truncated or in no known format is
   refused as a whole.
3. All valid lines form one batch in one transaction, checked like every import (`writer`). If the file is uploaded
   again, accepted lines are skipped and refused ones tried again, by any member (`resume`).
4. The lines count as proposals of that hour (`rate_limits`). An upload beyond the policy's limit is held for the
   Centre, and an organisation that is held cannot propose.

A preview only reads the file and does not query the register, so it does not reveal which digests are known. Lines
refused as known are counted (`rate_limits`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.mapped_columns import Mapping
from tutela.exchange.message.line_ends import CutOffError, check_text
from tutela.indicators.errors import FileCut
from tutela.indicators.imports import external_formats, resume, runner
from tutela.indicators.imports.batches import LINES_AT_ONCE, Made, prepared
from tutela.indicators.imports.errors import FileNotRead, FileTooLarge, TooManyLines
from tutela.indicators.imports.line_faults import LineFault
from tutela.indicators.imports.lines import BadLine, Defaults, Proposal
from tutela.indicators.imports.runner import ImportReport
from tutela.indicators.imports.writer import Writing
from tutela.indicators.safeguards import holds, quarantine, rate_limits

# More than so many lines need, and no burden to a process that holds it for seconds.
MOST_MEGABYTES = 8
# One batch is one transaction. Longer lists are for `tutela import`, which resumes after an interruption.
LINES = LINES_AT_ONCE
_UNREADABLE = (LineFault.NO_JSON, LineFault.OTHER_COLUMNS)


@dataclass(frozen=True)
class Handed:
    """Uploaded file with its statements."""

    name: str
    body: bytes
    source: str
    defaults: Defaults
    form: str = ""
    mapping: Mapping | None = None


@dataclass
class UploadOutcome:
    """Result of an upload, with every refused line."""

    report: ImportReport
    bad: list[BadLine] = field(default_factory=list)


def whole(pieces: Iterable[bytes]) -> bytes:
    """A file as it comes. Raises `FileTooLarge` as soon as it is."""
    body = io.BytesIO()
    for piece in pieces:
        body.write(piece)
        if body.tell() > MOST_MEGABYTES << 20:
            raise FileTooLarge(most=MOST_MEGABYTES)
    return body.getvalue()


def take(actor: Actor, handed: Handed, *, dry_run: bool) -> UploadOutcome:
    """Look at a file, or propose what can be proposed of it.

    Raises as `runner.check`, and `Invalid` naming the field; `FileNotRead`, `FileCut`, `TooManyLines`;
    `HeldForFlood`, `TooManyRefusals`, `ImportRefused`. Nothing of it is stored then.
    """
    runner.check(actor)
    source, form = runner.named(handed.source), handed.form or runner.usual(handed.name)
    read, unmapped = _read(handed, form)
    name = resume.asked(hashlib.sha256(handed.body).hexdigest(), form, handed.mapping, handed.defaults, source)
    with rate_limits.metering(actor), acting(actor):
        # Somebody who presses the button twice imports once.
        lock(f"import:{name}")
        if not dry_run:
            rate_limits.refuse_held(actor)
        at = resume.begun(actor, name)
        wanted = [one for one in read if at.wants(one.line)]
        outcome = UploadOutcome(ImportReport.of(at))
        outcome.report.unmapped = unmapped
        if wanted:
            made = _made(actor, wanted, _writing(actor, handed, source, at, dry_run=dry_run))
            rate_limits.refused_lines(actor, made.told)
            outcome.report.count(made)
            outcome.bad = sorted(made.bad, key=lambda one: one.line)
        if dry_run:
            report = outcome.report
            record(
                actor,
                "register.import_looked_at",
                "import",
                at.run_id,
                lines=report.lines,
                accepted=report.accepted,
                refused=report.refused,
                source=source,
            )
        outcome.report.held = bool(holds.of_runs([at.run_id]))
    return outcome


def _read(handed: Handed, form: str) -> tuple[list[Proposal | BadLine], list[str]]:
    """Step 2: every line, and what nothing here understands."""
    if not handed.body.strip():
        raise FileNotRead("The file is empty.")
    try:
        text = handed.body.decode(runner.ENCODING)
    except UnicodeDecodeError:
        raise FileNotRead("The file is not UTF-8 text. Save it as UTF-8, or choose another file.") from None
    if form in external_formats.OF_LINES:
        try:
            check_text(text)
        except CutOffError:
            raise FileCut from None
    opened = io.StringIO(text, newline="")
    reader = runner.reader_of(opened, form, handed.mapping, handed.defaults)
    read = list(islice(reader.read(opened), LINES + 1))
    if len(read) > LINES:
        raise TooManyLines(most=LINES)
    if not read:
        raise FileNotRead("The file has no entries.")
    _whole(read)
    return read, reader.unmapped


def _whole(read: Sequence[Proposal | BadLine]) -> None:
    """Raises `FileNotRead` for what is none of its format."""
    last = read[-1]
    if not isinstance(last, BadLine):
        return
    if last.ends:
        raise FileNotRead(
            "The file cannot be read to its end, so nothing was imported. Line {line}: {reason}",
            line=last.line,
            reason=last.reason,
        )
    if all(isinstance(one, BadLine) and one.code in _UNREADABLE for one in read):
        raise FileNotRead("No line of the file is in this format. Choose another format.")


def _writing(actor: Actor, handed: Handed, source: str, at: resume.Begun, *, dry_run: bool) -> Writing:
    def on_batch(made: Made) -> None:
        resume.keep(actor, at, made)
        quarantine.hold_run(actor, at.run_id, rate_limits.of_run(actor, len(made.indicators)))

    digest = hashlib.sha256(handed.body).hexdigest()
    return Writing(actor, at.run_id, digest, source, dry_run, on_batch, at.again)


def _made(actor: Actor, wanted: list[Proposal | BadLine], write: Writing) -> Made:
    """Step 3. Where nothing can be proposed, nothing is written, but for what the lawful pictures kept out.

    A look ends before the register is asked.
    """
    made = prepared(wanted, runner.signer_of(write))
    if not write.dry_run and (made.indicators or any(one.lawful for one in made.bad)):
        return write.batch(made)
    return made


def rows(bad: Sequence[BadLine]) -> Iterator[list[object]]:
    """Yield the refused lines as rows of a table, header first."""
    yield ["line", "field", "reason"]
    yield from ([one.line, one.field, one.reason] for one in bad)
