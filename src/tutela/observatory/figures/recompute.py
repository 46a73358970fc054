"""Recompute published figures from the events of their organisation, as an auditor on the node or its owner.

1. Verify the chain over all events, and that it had the stated head at the stated position.
2. Count the events of each query again, up to that position.
3. Compare with what was published, with the kept rows, and open the commitments of withheld figures too.
4. Apply the rule of disclosure to the counted values: what it withholds is withheld, and nothing else is.
5. Count up to the end of the chain: a changed past is told apart from a changed figure.
6. Check that no release is missing: each names the digest of the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from tutela.accountability.chain import event_counts, verifier
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.message.translatable_text import Term, filled
from tutela.exchange.message.translatable_text import marked as _
from tutela.observatory.definitions.event_queries import EventQuery, queries_of
from tutela.observatory.definitions.units import Missing
from tutela.observatory.figures.publish import earlier_shown
from tutela.observatory.models import FigureRelease
from tutela.observatory.operations.withheld import withheld
from tutela.observatory.statements.statement import NotAStatement, StatedFigure, Statement
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry


class Discrepancy(Term):
    """What does not agree with a published statement."""

    CHAIN = "chain", _("The chain of events is not valid: {what}")
    HEAD = "head", _("The chain had another head at position {position}.")
    ORGANISATION = "organisation", _("No organisation of this node published the statement.")
    RELEASE = "release", _("The node keeps another statement with number {number}.")
    QUERY = "query", _("{definition} names another query than {query}.")
    OTHER = "other", _("{definition} is no figure of this organisation.")
    ABSENT = "absent", _("{definition} is missing in the statement.")
    VALUE = "value", _("{definition}: published {stated}, by the events {counted}.")
    WITHHELD = "withheld", _("{definition}: the withheld value does not open its commitment.")
    HIDDEN = "hidden", _("{definition} is withheld, and the rule of disclosure does not withhold it.")
    SHOWN = "shown", _("{definition} is shown, and the rule of disclosure withholds it.")
    ROW = "row", _("{definition}: the kept row says {kept}, the statement {stated}.")
    CUT = "cut", _("Release {number} does not continue the one before.")
    LATER = "later", _("{definition}: now {counted}, published {stated}. The past was changed after the publication.")


@dataclass(frozen=True)
class Found:
    """A finding with its values; `str()` is the text in English."""

    finding: Discrepancy
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return filled(self.finding.text, self.values)


def recompute(statement: Statement, actor: Actor | None = None) -> list[Found]:
    """Everything that does not agree; empty for a sound statement. Without an actor, as the database's owner."""
    found = [Found(Discrepancy.CHAIN, {"what": one}) for one in verifier.verify(actor).problems]
    if actor:
        with acting(actor):
            record(actor, "figures.recomputed", "figures_statement", statement.digest, number=statement.number)
    entry = next((one for one in directory.list_organisations() if str(one.id) == statement.organisation), None)
    if entry is None:
        return [*found, Found(Discrepancy.ORGANISATION)]
    # The owner of the database reads the rows of the organisation that published.
    with acting(actor or directory.acting_for(entry, "system:operator", "Operator")):
        return [*found, *_head(statement), *_release(statement, entry), *_figures(statement, entry)]


def _head(statement: Statement) -> Iterator[Found]:
    point = event_counts.point_at(statement.position)
    if statement.position and (point is None or point.head != statement.head):
        yield Found(Discrepancy.HEAD, {"position": statement.position})


def _release(statement: Statement, entry: DirectoryEntry) -> Iterator[Found]:
    rows = list(FigureRelease.objects.filter(organisation_id=entry.id).order_by("number"))
    kept = next((one for one in rows if one.number == statement.number), None)
    if kept is None or kept.digest != statement.digest:
        yield Found(Discrepancy.RELEASE, {"number": statement.number})
        return
    for place, row in enumerate(rows):
        before = rows[place - 1].digest if place else ""
        if row.number != place + 1 or not _continues(row, before):
            yield Found(Discrepancy.CUT, {"number": row.number})
    stated = {one.definition: one for one in statement.figures}
    figures = list(kept.figures.all())
    for name in stated.keys() - {one.definition for one in figures}:
        yield Found(Discrepancy.ROW, {"definition": name, "kept": "", "stated": stated[name].value})
    for figure in figures:
        one = stated.get(figure.definition)
        salt = bytes.fromhex(figure.salt)
        if one is not None and one.query != figure.query:
            yield Found(Discrepancy.QUERY, {"definition": figure.definition, "query": one.query})
        if one is None or one.missing != figure.missing or (one.value is not None and one.value != figure.value):
            values = {"definition": figure.definition, "kept": figure.value, "stated": one.value if one else ""}
            yield Found(Discrepancy.ROW, values)
        elif statement.commitment_of(one, salt, figure.value) != one.commitment:
            yield Found(Discrepancy.WITHHELD, {"definition": figure.definition})


def _figures(statement: Statement, entry: DirectoryEntry) -> Iterator[Found]:
    stated = {one.definition: one for one in statement.figures}
    queries = {one.definition_key: one for one in queries_of(entry.kind)}
    counted = {name: _count(statement, entry.id, one, statement.position) for name, one in queries.items()}
    kept = withheld(counted, earlier_shown(entry.id, statement.period, statement.number))
    now = event_counts.newest().position
    for name in stated.keys() - queries.keys():
        yield Found(Discrepancy.OTHER, {"definition": name})
    for name, query in queries.items():
        one = stated.get(name)
        if one is None:
            yield Found(Discrepancy.ABSENT, {"definition": name})
            continue
        if one.query != query.name:
            yield Found(Discrepancy.QUERY, {"definition": name, "query": query.name})
        yield from _disclosed(one, hidden=name in kept)
        value = _published_value(statement, entry.id, one)
        values = {"definition": name, "stated": value, "counted": counted[name]}
        if value != counted[name]:
            yield Found(Discrepancy.VALUE, values)
        elif (later := _count(statement, entry.id, query, now)) != value:
            yield Found(Discrepancy.LATER, {**values, "counted": later})


def _count(statement: Statement, organisation_id: UUID, query: EventQuery, position: int) -> int:
    first, last = statement.period.start, statement.period.end
    return event_counts.subjects(organisation_id, query.kinds, first, last, position)


def _disclosed(stated: StatedFigure, *, hidden: bool) -> Iterator[Found]:
    """Whether a figure is withheld exactly where the rule withholds it."""
    if hidden and stated.value is not None:
        yield Found(Discrepancy.SHOWN, {"definition": stated.definition})
    if stated.value is None and not (hidden and stated.missing == Missing.SUPPRESSED):
        yield Found(Discrepancy.HIDDEN, {"definition": stated.definition})


def _published_value(statement: Statement, organisation_id: UUID, stated: StatedFigure) -> int | None:
    """The published value; of a withheld figure the one that is kept."""
    if stated.value is not None:
        return stated.value
    row = FigureRelease.objects.filter(organisation_id=organisation_id, number=statement.number).first()
    kept = row.figures.filter(definition=stated.definition).first() if row else None
    return kept.value if kept else None


def _continues(row: FigureRelease, before: str) -> bool:
    """Whether a kept statement is whole and names the one before; its signature is checked with its file."""
    try:
        said = Statement.from_bytes(Envelope.from_bytes(bytes(row.envelope)).payload)
    except (ExchangeError, NotAStatement):
        return False
    return said.previous == before and said.digest == row.digest
