"""Transaction that writes an import batch, with the checks that query the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import batched
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.identifiers import case_number, uuid7
from tutela.events.record import record, record_many
from tutela.events.transaction import acting
from tutela.indicators.hashes import (
    encryption,
    lawful_reference,
    refusal_counts,
    rejected_items,
    validation,
    video_frames,
)
from tutela.indicators.hashes.anomalies import Profile
from tutela.indicators.hashes.errors import JudgedNotCsam, ResemblesLawful
from tutela.indicators.imports.batches import Made, signed
from tutela.indicators.imports.line_faults import LineFault
from tutela.indicators.imports.lines import BadLine, Proposal
from tutela.indicators.integrity.signing import RegisterSigner
from tutela.indicators.models import Gate, ImportBatch
from tutela.indicators.register import provenance
from tutela.indicators.safeguards import quarantine
from tutela.organisations.keys.envelope_encryption import current_id


def _known_line(one: Proposal, number: str) -> BadLine:
    return BadLine(one.line, "hashes", LineFault.KNOWN_DIGEST, {"number": number})


def _film_refused(one: Proposal) -> BadLine | None:
    """Return why the frames of a video cannot be imported: known, or some were judged. Call inside `acting(actor)`."""
    if one.film is None:
        return None
    if number := video_frames.known(one.film.film):
        return BadLine(one.line, "frames", LineFault.KNOWN_FRAMES, {"number": number})
    try:
        judged = video_frames.unjudged(one.film).judged
    except TutelaError as error:
        return BadLine.of(one.line, error, "frames")
    return BadLine(one.line, "frames", LineFault.JUDGED_FRAMES, {"count": judged}) if judged else None


@dataclass(frozen=True)
class Writing:
    """Writes batches, in a thread and on a connection of its own."""

    actor: Actor
    run_id: UUID
    sha256: str
    source: str
    dry_run: bool
    # Told of each batch within its transaction, before it is counted.
    on_batch: Callable[[Made], None] = lambda _: None
    # Lines that an earlier attempt refused; counted once, whatever becomes of them now.
    again: frozenset[int] = frozenset()

    def batch(self, made: Made) -> Made:
        """One transaction. What is known is moved to what is bad. Raises `ImportRefused`."""
        with acting(self.actor):
            with connection.cursor() as cursor:
                # One import at a time, without proposals (`stored_hashes.exclude_imports`). The revocation of a data
                # key waits for the ID of this transaction.
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tutela.import')), pg_current_xact_id()")
            quarantine.refuse_refused(self.run_id)
            if made.key != current_id():
                # Another key is in use since these were sealed, and theirs may be about to go.
                made.hashes = [(*row[:3], encryption.sealed_again(row[3]), *row[4:]) for row in made.hashes]
            known = self._known(made)
            made.bad += [_known_line(one, known[key]) for key, _number, one in made.indicators if key in known]
            judged = {indicator: bad for indicator, _number, one in made.indicators if (bad := _film_refused(one))}
            made.bad += [bad for indicator, bad in judged.items() if indicator not in known]
            known |= {indicator: bad.code for indicator, bad in judged.items()}
            refused = rejected_items.among([one.given for _id, _number, one in made.indicators])
            for at, (field, number) in refused.items():
                indicator, _number, one = made.indicators[at]
                if indicator not in known:
                    made.bad.append(BadLine(one.line, field, JudgedNotCsam().code, {"number": number}))
                    known[indicator] = number
            lawful = lawful_reference.among(
                [[(g.kind, g.value) for g in one.given] for _id, _number, one in made.indicators]
            )
            for at, field in lawful.items():
                indicator, number, one = made.indicators[at]
                if indicator not in known:
                    made.bad.append(BadLine(one.line, field, ResemblesLawful().code, lawful=True))
                    known[indicator] = number
            made.told = len(known)
            made.indicators = _numbered([row for row in made.indicators if row[0] not in known])
            if not self.dry_run:
                self._sign_again(made)
                self._insert(made, known)
        return made

    def _known(self, made: Made) -> dict[UUID, str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS import_hash (id uuid, indicator_id uuid, kind text,"
                " wrapped bytea, blind bytea, quality smallint, hasher text, sketch bigint, salt bytea)"
                " ON COMMIT DELETE ROWS"
            )
            with cursor.copy("COPY import_hash FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["uuid", "uuid", "text", "bytea", "bytea", "int2", "text", "int8", "bytea"])
                for row in made.hashes:
                    copy.write_row(row)
            cursor.execute(
                "SELECT DISTINCT m.indicator_id, i.number FROM import_hash m"
                " JOIN indicators_indicatorhash h ON h.kind = m.kind AND h.blind = m.blind"
                " JOIN indicators_indicator i ON i.id = h.indicator_id"
                " WHERE m.kind <> %s AND NOT EXISTS"
                " (SELECT 1 FROM indicators_revocation r WHERE r.indicator_id = i.id)",
                [validation.WINDOW],
            )
            return dict(cursor.fetchall())

    def _sign_again(self, made: Made) -> None:
        """The few that got another number: they were signed under the one that was taken."""
        others = [row for row in made.indicators if made.signed[row[0]][0] != row[1]]
        if others:
            signer, salts = RegisterSigner(self.actor), {row[1]: row[-1] for row in made.hashes if row[-1]}
            for indicator, number, one in others:
                made.signed[indicator] = number, signed(signer, indicator, number, one, made.at, salts[indicator])

    def _insert(self, made: Made, known: dict[UUID, str]) -> None:
        actor, now = self.actor, made.at
        with connection.cursor() as cursor:
            self._copy(cursor, made)
            cursor.execute(
                "INSERT INTO indicators_indicator (id, organisation_id, created_at, number, media_type, classification,"
                " series, reason, proposed_by, source, run_id)"
                " SELECT id, %s, %s, number, media_type, classification, series, reason, %s, source, %s"
                " FROM import_indicator",
                [actor.organisation_id, now, actor.reference, self.run_id],
            )
            cursor.execute(
                "INSERT INTO indicators_indicatorhash (id, organisation_id, created_at, indicator_id, kind, wrapped,"
                " blind, quality, hasher, sketch, salt)"
                " SELECT id, %s, %s, indicator_id, kind, wrapped, blind, quality, hasher, sketch, salt"
                " FROM import_hash WHERE NOT indicator_id = ANY(%s)",
                [actor.organisation_id, now, list(known)],
            )
            self._films(made)
            provenance.keep_all(actor, ((indicator, one.told) for indicator, _number, one in made.indicators))
            cursor.execute(
                "INSERT INTO indicators_certification (id, organisation_id, created_at, indicator_id, country, by,"
                " by_name, round, envelope)"
                " SELECT certification, %s, %s, id, %s, %s, %s, 1, envelope FROM import_indicator",
                [actor.organisation_id, now, actor.country, actor.reference, actor.name[:200]],
            )
        self._note(made)

    def _copy(self, cursor: CursorWrapper, made: Made) -> None:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS import_indicator (id uuid, certification uuid, number text,"
            " media_type text, classification text, series text, reason text, source text, envelope bytea)"
            " ON COMMIT DELETE ROWS"
        )
        with cursor.copy("COPY import_indicator FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["uuid", "uuid", "text", "text", "text", "text", "text", "text", "bytea"])
            for indicator, number, one in made.indicators:
                copy.write_row(
                    (
                        indicator,
                        uuid7(),
                        number,
                        one.media_type,
                        one.classification,
                        one.series,
                        one.reason,
                        self._source(one),
                        made.signed[indicator][1],
                    )
                )

    def _source(self, one: Proposal) -> str:
        """Return the source list of a line: as stated in the line, or else by the import."""
        return one.told.source or self.source

    def _films(self, made: Made) -> None:
        """The frames of videos, a few at a time."""
        owner = self.actor.organisation_id
        rows = ((owner, indicator, one.film) for indicator, _number, one in made.indicators if one.film)
        for few in batched(rows, 20):
            video_frames.keep(few)

    def _note(self, made: Made) -> None:
        """An event for each indicator, and how far the run has come."""
        actor = self.actor
        record_many(
            actor,
            "indicator.proposed",
            "indicator",
            (
                (indicator, {"number": number, "classification": one.classification, "source": self._source(one)})
                for indicator, number, one in made.indicators
            ),
        )
        self.on_batch(made)
        lawful = sum(one.lawful and one.line not in self.again for one in made.bad)
        refusal_counts.count(actor, Gate.IMPORT, lawful)
        of_films = [read.film.film for _one, _number, read in made.indicators if read.film]
        entries = [(one, read.given) for one, _number, read in made.indicators]
        self._count(made, quarantine.of_batch(self.actor, self.run_id, entries, of_films))
        record(
            actor,
            "register.imported",
            "import",
            self.run_id,
            lines=made.last,
            accepted=len(made.indicators),
            refused=len(made.bad),
            source=self.source,
        )

    def _count(self, made: Made, seen: Profile) -> None:
        ImportBatch.objects.create(
            organisation_id=self.actor.organisation_id,
            run_id=self.run_id,
            file_sha256=self.sha256,
            source=self.source,
            lines=made.last,
            accepted=len(made.indicators),
            refused=len(made.bad) - self._tried_again(made),
            by=self.actor.reference,
            bare=seen.bare,
            looks=seen.looks,
            quality=seen.quality,
        )

    def _tried_again(self, made: Made) -> int:
        tried = {one.line for _id, _number, one in made.indicators} | {one.line for one in made.bad}
        return len(tried & self.again)


def _numbered(rows: list[tuple[UUID, str, Proposal]]) -> list[tuple[UUID, str, Proposal]]:
    """Return the rows with new numbers where one is taken.

    Among millions of random 40-bit numbers some collide.
    """
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
