"""Bulk import: many proposals out of one file, each an indicator with its own event and its own entry of the log.

1. The file is known by its digest: what an earlier run of it has done is skipped, to the line.
2. Lines are read and checked (`import_lines`) while the batch before is being written.
3. A batch is one transaction: what is known already is left out, the rest is written, and how far the run has come.

What is imported is proposed, never active: others certify it. It keeps the name of its source. An import does not count
as a flood; it is run by an operator, and each batch is on record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cache
from itertools import batched
from pathlib import Path
from uuid import UUID

from django.db import connection, connections

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, TutelaError
from tutela.events.ids import case_number, uuid7
from tutela.events.recording import record, record_many
from tutela.exchange.lists.mapped import Mapping
from tutela.indicators import hashes, import_lists, policy
from tutela.indicators.errors import OutsidePolicy
from tutela.indicators.import_lines import BadLine, Defaults, Proposal, Reader
from tutela.indicators.models import ImportBatch
from tutela.indicators.signing_acts import Signer
from tutela.law.classification import checked_code

BATCH = 5_000


@dataclass
class Report:
    """What an import came to. `skipped` lines were done by an earlier run of the same file."""

    run_id: UUID
    lines: int = 0
    skipped: int = 0
    accepted: int = 0
    refused: int = 0
    unmapped: list[str] = field(default_factory=list)


def run(  # noqa: PLR0913 - each is a part of what is imported, or told
    actor: Actor, file: Path, *, source: str, defaults: Defaults, dry_run: bool = False, form: str = "",
    mapping: Mapping | None = None, told: Callable[[Report], None] = lambda _: None,
    bad: Callable[[BadLine], None] = lambda _: None,
) -> Report:  # fmt: skip
    """Import a file of JSON Lines, or of CSV where its name ends so; or in a format of others, or by a mapping.

    `told` hears of every batch, `bad` of every line that was refused.

    Raises `Invalid` where there is no source, or the actor may not propose; `OSError`, `UnicodeDecodeError`.
    """
    check(actor)
    if not source.strip():
        raise Invalid("Name the source; it stays with every entry.", field="source")
    sha256 = _digest(file)
    report = _begun(actor, sha256)
    reader = _reader(file, form, mapping, defaults)
    with file.open(encoding="utf-8", newline="") as lines:
        read = (one for one in reader.read(lines) if one.line > report.skipped)
        write = _Writing(actor, report.run_id, sha256, source.strip()[:80], dry_run)
        _written(read, write, report, told, bad)
    report.unmapped = reader.unmapped
    return report


def run_entries(
    actor: Actor, run_id: UUID, read: Iterable[Proposal | BadLine], *, source: str, of: str,
    told: Callable[[Report], None], bad: Callable[[BadLine], None],
) -> Report:  # fmt: skip
    """As `run`, of what stands in a list already; `of` names what is read, as a file's digest names a file."""
    check(actor)
    report = Report(run_id)
    _written(read, _Writing(actor, run_id, hashlib.sha256(of.encode()).hexdigest(), source, False), report, told, bad)
    return report


def check(actor: Actor) -> None:
    """Raises `Forbidden` or `OutsidePolicy` for who may not propose."""
    actor.require("indicators.propose")
    actor.require_verified()
    if actor.organisation_kind not in policy.certifiers():
        raise OutsidePolicy("The policy in force lets no organisation of your kind propose or certify.")


def _written(
    read: Iterable[Proposal | BadLine], write: _Writing, report: Report, told: Callable[[Report], None],
    bad: Callable[[BadLine], None],
) -> None:  # fmt: skip
    """Steps 2 and 3."""
    with ThreadPoolExecutor(1) as writer:
        waiting = None
        for batch in batched(read, BATCH):
            made = _prepared(batch)
            if waiting is not None:
                _count(report, waiting.result(), told, bad)
            waiting = writer.submit(copy_context().run, write.batch, made)
        if waiting is not None:
            _count(report, waiting.result(), told, bad)
        writer.submit(connections.close_all).result()


@dataclass
class _Made:
    """A batch as rows: indicators, and their hashes."""

    last: int
    indicators: list[tuple[UUID, str, Proposal]]
    hashes: list[tuple[UUID, UUID, str, bytes, bytes, int | None, str]]
    bad: list[BadLine]


def _prepared(batch: Iterable[Proposal | BadLine]) -> _Made:
    made, seen = _Made(0, [], [], []), set[bytes]()
    for one in batch:
        made.last = one.line
        if isinstance(one, BadLine):
            made.bad.append(one)
            continue
        blinds = [hashes.blind(g.kind, g.value) for g in one.given]
        own = {blind for g, blind in zip(one.given, blinds, strict=True) if g.kind != hashes.WINDOW}
        if own & seen:
            made.bad.append(BadLine(one.line, "hashes", "an earlier line has this digest"))
            continue
        seen |= own
        indicator = uuid7()
        made.indicators.append((indicator, case_number("I"), one))
        made.hashes += [
            (uuid7(), indicator, g.kind, hashes.sealed(g.value + g.structure), blind, g.quality, g.hasher)
            for g, blind in zip(one.given, blinds, strict=True)
        ]
    return made


class _About:
    """What an act says of a line."""

    def __init__(self, number: str, one: Proposal) -> None:
        self.number, self.media_type, self.classification = number, one.media_type, one.classification


@dataclass(frozen=True)
class _Writing:
    """Writes batches, in a thread and on a connection of its own."""

    actor: Actor
    run_id: UUID
    sha256: str
    source: str
    dry_run: bool

    def batch(self, made: _Made) -> _Made:
        """One transaction. What is known is moved to what is bad."""
        with acting(self.actor):
            with connection.cursor() as cursor:
                # One import at a time, and no proposal of the same item beside it (`hashes.beside_imports`).
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tutela.import'))")
            known = self._known(made)
            made.bad += [
                BadLine(one.line, "hashes", f"{known[indicator]} has this digest; certify that one instead")
                for indicator, _number, one in made.indicators if indicator in known
            ]  # fmt: skip
            made.indicators = _numbered([row for row in made.indicators if row[0] not in known])
            if not self.dry_run:
                self._insert(made, known)
        return made

    def _known(self, made: _Made) -> dict[UUID, str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS import_hash (id uuid, indicator_id uuid, kind text,"
                " wrapped bytea, blind bytea, quality smallint, hasher text) ON COMMIT DELETE ROWS"
            )
            with cursor.copy("COPY import_hash FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["uuid", "uuid", "text", "bytea", "bytea", "int2", "text"])
                for row in made.hashes:
                    copy.write_row(row)
            cursor.execute(
                "SELECT DISTINCT m.indicator_id, i.number FROM import_hash m"
                " JOIN indicators_indicatorhash h ON h.kind = m.kind AND h.blind = m.blind"
                " JOIN indicators_indicator i ON i.id = h.indicator_id"
                " WHERE m.kind <> %s AND NOT EXISTS"
                " (SELECT 1 FROM indicators_revocation r WHERE r.indicator_id = i.id)",
                [hashes.WINDOW],
            )
            return dict(cursor.fetchall())

    def _insert(self, made: _Made, known: dict[UUID, str]) -> None:
        actor, now = self.actor, clock.now()
        signer = Signer(actor)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS import_indicator (id uuid, certification uuid, number text,"
                " media_type text, classification text, series text, reason text, envelope bytea) ON COMMIT DELETE ROWS"
            )
            with cursor.copy("COPY import_indicator FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["uuid", "uuid", "text", "text", "text", "text", "text", "bytea"])
                for indicator, number, one in made.indicators:
                    copy.write_row(
                        (indicator, uuid7(), number, one.media_type, one.classification, one.series, one.reason,
                         signer.sign(_About(number, one), 1, [(g.kind, g.value) for g in one.given], now, indicator))
                    )  # fmt: skip
            cursor.execute(
                "INSERT INTO indicators_indicator (id, organisation_id, created_at, number, media_type, classification,"
                " series, reason, proposed_by, source, run_id)"
                " SELECT id, %s, %s, number, media_type, classification, series, reason, %s, %s, %s"
                " FROM import_indicator",
                [actor.organisation_id, now, actor.reference, self.source, self.run_id],
            )
            cursor.execute(
                "INSERT INTO indicators_indicatorhash (id, organisation_id, created_at, indicator_id, kind, wrapped,"
                " blind, quality, hasher) SELECT id, %s, %s, indicator_id, kind, wrapped, blind, quality, hasher"
                " FROM import_hash WHERE NOT indicator_id = ANY(%s)",
                [actor.organisation_id, now, list(known)],
            )
            cursor.execute(
                "INSERT INTO indicators_certification (id, organisation_id, created_at, indicator_id, country, by,"
                " by_name, round, envelope)"
                " SELECT certification, %s, %s, id, %s, %s, %s, 1, envelope FROM import_indicator",
                [actor.organisation_id, now, actor.country, actor.reference, actor.name[:200]],
            )
        self._note(made)

    def _note(self, made: _Made) -> None:
        """An event for each indicator, and how far the run has come."""
        actor = self.actor
        record_many(
            actor, "indicator.proposed", "indicator",
            ((indicator, {"number": number, "classification": one.classification, "source": self.source})
             for indicator, number, one in made.indicators),
        )  # fmt: skip
        ImportBatch.objects.create(
            organisation_id=actor.organisation_id, run_id=self.run_id, file_sha256=self.sha256, source=self.source,
            lines=made.last, accepted=len(made.indicators), refused=len(made.bad), by=actor.reference,
        )  # fmt: skip
        record(
            actor, "register.imported", "import", self.run_id, lines=made.last, accepted=len(made.indicators),
            refused=len(made.bad), source=self.source,
        )  # fmt: skip


def _numbered(rows: list[tuple[UUID, str, Proposal]]) -> list[tuple[UUID, str, Proposal]]:
    """The same rows, with another number where one is taken: among millions of 40 bits some are drawn twice."""
    numbers, fresh = [number for _id, number, _one in rows], list(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM indicators_indicator WHERE number = ANY(%s)", [numbers])
        taken = {number for (number,) in cursor.fetchall()}
    seen, again = set[str](), False
    for place, (indicator, number, one) in enumerate(rows):
        if number in taken or number in seen:
            fresh[place], again = (indicator, case_number("I"), one), True
        seen.add(fresh[place][1])
    return _numbered(fresh) if again else fresh


def _count(report: Report, made: _Made, told: Callable[[Report], None], bad: Callable[[BadLine], None]) -> None:
    report.lines = made.last
    report.accepted += len(made.indicators)
    report.refused += len(made.bad)
    for one in sorted(made.bad, key=lambda line: line.line):
        bad(one)
    told(report)


def _reader(file: Path, form: str, mapping: Mapping | None, defaults: Defaults) -> Reader | import_lists.Reader:
    plain = form or ("csv" if file.suffix.lower() == ".csv" else "jsonl")
    if plain in ("vics", "icse") or mapping is not None:
        return import_lists.Reader(import_lists.source(plain, mapping), defaults, judge())
    return Reader(plain == "csv", defaults, judge())


def _begun(actor: Actor, sha256: str) -> Report:
    """Where an earlier run of this file has stopped, or the beginning."""
    with acting(actor):
        last = (
            ImportBatch.objects.filter(organisation_id=actor.organisation_id, file_sha256=sha256)
            .order_by("-lines")
            .first()
        )
    return Report(last.run_id, last.lines, last.lines) if last else Report(uuid7())


def judge() -> Callable[[str], str]:
    """Why a classification cannot be used; each is looked up once."""
    rules = policy.rules()

    @cache
    def judged(classification: str) -> str:
        try:
            checked_code(classification)
        except TutelaError as error:
            return str(error)
        return "" if rules.permits(classification) else str(OutsidePolicy())

    return judged


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
