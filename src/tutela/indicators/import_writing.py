"""A batch of an import as rows, and the one transaction that writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import connection

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.ids import case_number, uuid7
from tutela.events.recording import record, record_many
from tutela.indicators import films, hashes, provenance, quarantine, reference, refusing_lawful, refuted, signing_acts
from tutela.indicators.errors import JudgedNotCsam, ResemblesLawful
from tutela.indicators.import_lines import BadLine, Proposal
from tutela.indicators.models import Gate, ImportBatch
from tutela.indicators.signing_acts import Signer

BATCH = 5_000
# A batch ends as well after so many hashes of frames: a film has thousands.
LOOKS = 200_000
# A hash: id, indicator, kind, sealed, blind, quality, hasher, sketch, salt.
type _Row = tuple[UUID, UUID, str, bytes, bytes, int | None, str, int | None, bytes | None]


@dataclass
class Made:
    """A batch as rows of one moment: indicators, and their hashes; `signed` are their numbers and certifications."""

    at: datetime
    last: int = 0
    indicators: list[tuple[UUID, str, Proposal]] = field(default_factory=list)
    hashes: list[_Row] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    signed: dict[UUID, tuple[str, bytes]] = field(default_factory=dict)


class Cut:
    """Where batches end: the same entries in the same order end at the same ones."""

    def __init__(self, most: int) -> None:
        self._most, self._count, self._looks = most, 0, 0

    def after(self, one: Proposal | BadLine) -> bool:
        """Whether this one is the last of its batch."""
        self._count += 1
        self._looks += len(one.film.film.looks) if isinstance(one, Proposal) and one.film else 0
        if self._count < self._most and self._looks < LOOKS:
            return False
        self._count = self._looks = 0
        return True


def prepared(batch: Iterable[Proposal | BadLine], signer: Signer | None) -> Made:
    """The rows of a batch, signed if there is who signs; a digest that an earlier line has is a bad line.

    While the batch before is being written: what can be worked out without the database is worked out here.
    """
    made, seen = Made(clock.now()), set[bytes | str]()
    for one in batch:
        made.last = one.line
        if isinstance(one, BadLine):
            made.bad.append(one)
            continue
        blinds = [hashes.blind(g.kind, g.value) for g in one.given]
        if bad := _repeating(one, blinds, seen):
            made.bad.append(bad)
            continue
        indicator, number = uuid7(), case_number("I")
        made.indicators.append((indicator, number, one))
        salt = signing_acts.drawn()
        if signer is not None:
            made.signed[indicator] = number, _signed(signer, indicator, number, one, made.at, salt)
        made.hashes += [
            (
                uuid7(),
                indicator,
                g.kind,
                hashes.sealed(g.value + g.structure),
                blind,
                g.quality,
                g.hasher,
                hashes.sketch_of(g),
                salt if place == 0 else None,
            )
            for place, (g, blind) in enumerate(zip(one.given, blinds, strict=True))
        ]
    return made


def _repeating(one: Proposal, blinds: list[bytes], seen: set[bytes | str]) -> BadLine | None:
    """Why a line repeats an earlier one; what it has is noted where it does not."""
    own = {blind for g, blind in zip(one.given, blinds, strict=True) if g.kind != hashes.WINDOW}
    frames = {films.whole(one.film.film)} if one.film else set[str]()
    if own & seen:
        return BadLine(one.line, "hashes", "an earlier line has this digest")
    if frames & seen:
        return BadLine(one.line, "frames", "an earlier line has these frames")
    seen |= own
    seen |= frames
    return None


def _signed(signer: Signer, indicator: UUID, number: str, one: Proposal, at: datetime, salt: bytes) -> bytes:
    return signer.sign(_About(number, one), 1, [(g.kind, g.value) for g in one.given], at, indicator, salt)


def _judged(one: Proposal) -> BadLine | None:
    """Why the frames of a video cannot be imported: known, or some were judged. Call inside `acting(actor)`."""
    if one.film is None:
        return None
    if number := films.known(one.film.film):
        return BadLine(one.line, "frames", f"{number} has these frames; certify that one instead")
    try:
        judged = films.unjudged(one.film).judged
    except TutelaError as error:
        return BadLine(one.line, "frames", str(error), refusing_lawful.lawful(error))
    why = f"{judged} frames look like what was judged not to be CSAM; propose it by itself"
    return BadLine(one.line, "frames", why) if judged else None


class _About:
    """What an act says of a line."""

    def __init__(self, number: str, one: Proposal) -> None:
        self.number, self.media_type, self.classification = number, one.media_type, one.classification


@dataclass(frozen=True)
class Writing:
    """Writes batches, in a thread and on a connection of its own."""

    actor: Actor
    run_id: UUID
    sha256: str
    source: str
    dry_run: bool
    # Told of each batch within its transaction, before it is counted.
    beside: Callable[[Made], None] = lambda _: None
    # Lines that an earlier attempt refused; counted once, whatever becomes of them now.
    again: frozenset[int] = frozenset()

    def batch(self, made: Made) -> Made:
        """One transaction. What is known is moved to what is bad. Raises `ImportRefused`."""
        with acting(self.actor):
            with connection.cursor() as cursor:
                # One import at a time, and no proposal of the same item beside it (`hashes.beside_imports`).
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tutela.import'))")
            quarantine.refuse_refused(self.run_id)
            known = self._known(made)
            made.bad += [
                BadLine(one.line, "hashes", f"{known[indicator]} has this digest; certify that one instead")
                for indicator, _number, one in made.indicators if indicator in known
            ]  # fmt: skip
            judged = {indicator: bad for indicator, _number, one in made.indicators if (bad := _judged(one))}
            made.bad += [bad for indicator, bad in judged.items() if indicator not in known]
            known |= {indicator: bad.reason for indicator, bad in judged.items()}
            refused = refuted.among([one.given for _id, _number, one in made.indicators])
            for at, (field, number) in refused.items():
                indicator, _number, one = made.indicators[at]
                if indicator not in known:
                    made.bad.append(BadLine(one.line, field, str(JudgedNotCsam(number=number))))
                    known[indicator] = number
            lawful = reference.among([[(g.kind, g.value) for g in one.given] for _id, _number, one in made.indicators])
            for at, field in lawful.items():
                indicator, number, one = made.indicators[at]
                if indicator not in known:
                    made.bad.append(BadLine(one.line, field, str(ResemblesLawful()), lawful=True))
                    known[indicator] = number
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
                [hashes.WINDOW],
            )
            return dict(cursor.fetchall())

    def _sign_again(self, made: Made) -> None:
        """The few that got another number: they were signed under the one that was taken."""
        others = [row for row in made.indicators if made.signed[row[0]][0] != row[1]]
        if others:
            signer, salts = Signer(self.actor), {row[1]: row[-1] for row in made.hashes if row[-1]}
            for indicator, number, one in others:
                made.signed[indicator] = number, _signed(signer, indicator, number, one, made.at, salts[indicator])

    def _insert(self, made: Made, known: dict[UUID, str]) -> None:
        actor, now = self.actor, made.at
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS import_indicator (id uuid, certification uuid, number text,"
                " media_type text, classification text, series text, reason text, source text, envelope bytea)"
                " ON COMMIT DELETE ROWS"
            )
            with cursor.copy("COPY import_indicator FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["uuid", "uuid", "text", "text", "text", "text", "text", "text", "bytea"])
                for indicator, number, one in made.indicators:
                    copy.write_row(
                        (indicator, uuid7(), number, one.media_type, one.classification, one.series, one.reason,
                         self._source(one), made.signed[indicator][1])
                    )  # fmt: skip
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

    def _source(self, one: Proposal) -> str:
        """Whose list a line came from: as it says itself, or as the import does."""
        return one.told.source or self.source

    def _films(self, made: Made) -> None:
        """The frames of videos, a few at a time."""
        owner = self.actor.organisation_id
        rows = ((owner, indicator, one.film) for indicator, _number, one in made.indicators if one.film)
        for few in batched(rows, 20):
            films.keep(few)

    def _note(self, made: Made) -> None:
        """An event for each indicator, and how far the run has come."""
        actor = self.actor
        record_many(
            actor, "indicator.proposed", "indicator",
            ((indicator, {"number": number, "classification": one.classification, "source": self._source(one)})
             for indicator, number, one in made.indicators),
        )  # fmt: skip
        self.beside(made)
        lawful = sum(one.lawful and one.line not in self.again for one in made.bad)
        refusing_lawful.count(actor, Gate.IMPORT, lawful)
        of_films = [read.film.film for _one, _number, read in made.indicators if read.film]
        entries = [(one, read.given) for one, _number, read in made.indicators]
        seen = quarantine.of_batch(actor, self.run_id, entries, of_films)
        ImportBatch.objects.create(
            organisation_id=actor.organisation_id, run_id=self.run_id, file_sha256=self.sha256, source=self.source,
            lines=made.last, accepted=len(made.indicators), refused=len(made.bad) - self._tried_again(made),
            by=actor.reference, bare=seen.bare, looks=seen.looks, quality=seen.quality,
        )  # fmt: skip
        record(
            actor, "register.imported", "import", self.run_id, lines=made.last, accepted=len(made.indicators),
            refused=len(made.bad), source=self.source,
        )  # fmt: skip

    def _tried_again(self, made: Made) -> int:
        tried = {one.line for _id, _number, one in made.indicators} | {one.line for one in made.bad}
        return len(tried & self.again)


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
