"""Import a file that somebody else published, keep its figures, and tell what a figure said on a given day.

1. The importer of the format reads the file; what it must say of it is kept as codes with values.
2. Figures keep the day on which they were published. A corrected file is another import and replaces nothing.
3. A ranking of platforms is asked of `operations.rank`, which refuses it with the reasons and what would help.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.translatable_text import Term, filled
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.units import Measure
from tutela.observatory.errors import ImportedBefore, NotATable, UnknownImport
from tutela.observatory.importers import dsa_report, hotline_tables, survey_tables, task_forces, transparency_database
from tutela.observatory.importers.dsa_categories import ABUSE, ABUSE_MATERIAL, TOTAL
from tutela.observatory.importers.dsa_report import ReportFinding
from tutela.observatory.importers.hotline_tables import TableRefused
from tutela.observatory.importers.table_rows import ImportRefused
from tutela.observatory.importers.task_forces import EditionsRefused
from tutela.observatory.importers.transparency_database import DumpRefused
from tutela.observatory.imports.stored_figures import as_row, from_row
from tutela.observatory.models import ImportedTable, ImportKind
from tutela.observatory.operations.rank import rank
from tutela.observatory.operations.refusals import OperationRefusal, OperationRefused

READ, IMPORT = "figures.read", "figures.import"
SUBJECT = "imported_table"
MOST_BYTES, MOST_FILES, MOST_FIGURES, MOST_LISTED = 20_000_000, 6, 20_000, 200


@dataclass(frozen=True)
class ImportRemark:
    """A finding about a file with its values; pages translate the text."""

    finding: Term
    values: Mapping[str, object]

    def __str__(self) -> str:
        return filled(self.finding.text, self.values)


@dataclass(frozen=True)
class Import:
    """An imported file as it is shown, without figures in a list."""

    id: UUID
    kind: str
    kind_name: object
    publisher: str
    published: date
    imported: date
    by_name: str
    digest: str
    figures: tuple[Figure, ...]
    remarks: tuple[ImportRemark, ...]


def import_files(actor: Actor, kind: str, files: Mapping[str, bytes], published: date) -> UUID:
    """Keep the figures of a file, or of the parts of a report. Raises `NotATable`, `ImportedBefore`."""
    actor.require(IMPORT)
    if published > clock.now().date():
        raise NotATable("The day of publication is in the future.", field="published")
    if not files or len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        values = {"most": MOST_FILES, "bytes": MOST_BYTES}
        raise NotATable("Choose 1 to {most} files of at most {bytes} bytes together.", field="tables", **values)
    if kind not in ImportKind.values:
        raise NotATable("Choose a format of the list.", field="kind")
    try:
        read = _READERS[ImportKind(kind)](files, published)
    except ImportRefused as error:
        raise NotATable(why=str(error)[:300]) from None
    if len(read[1]) > MOST_FIGURES:
        raise NotATable("The files have more than {most} figures.", field="tables", most=MOST_FIGURES)
    told = [str(value) for remark in read[2] for value in remark.values.values()]
    if not all(map(_is_name, (read[0], *told, *(name for one in read[1] for name in _names(one))))):
        raise NotATable("A name in the file has a control character.", field="tables")
    return _kept(actor, kind, read, published, _digest(files))


def listed(actor: Actor) -> list[Import]:
    """Imports of the actor's organisation, what was published last first."""
    actor.require(READ)
    with acting(actor):
        rows = ImportedTable.objects.filter(organisation_id=actor.organisation_id)
        return [_shown(row, figures=False) for row in rows.order_by("-published", "-pk")[:MOST_LISTED]]


def load(actor: Actor, import_id: UUID) -> Import:
    """An import with its figures. Raises `UnknownImport`."""
    actor.require(READ)
    with acting(actor):
        row = ImportedTable.objects.filter(pk=import_id, organisation_id=actor.organisation_id).first()
    if row is None:
        raise UnknownImport
    return _shown(row)


def exists(actor: Actor, import_id: UUID) -> bool:
    """Return true if the actor's organisation has this import."""
    with acting(actor):
        return ImportedTable.objects.filter(pk=import_id, organisation_id=actor.organisation_id).exists()


def said_on(actor: Actor, day: date) -> list[Figure]:
    """What imported figures said on a day: of each the newest that was published by then."""
    actor.require(READ)
    with acting(actor):
        rows = ImportedTable.objects.filter(organisation_id=actor.organisation_id, published__lte=day)
        every = [from_row(one, row.published) for row in rows.order_by("published", "pk") for one in row.figures]
    newest = {(one.definition.key, one.period, one.coverage, one.label): one for one in every}
    return list(newest.values())


def refused_ranking(figures: Sequence[Figure], category: str = ABUSE_MATERIAL) -> list[OperationRefusal]:
    """Why the measures of platforms in a category may not be ranked; empty if they may."""
    own = [one for one in figures if one.definition.id == "dsa.own_initiative"]
    wanted = [one for one in own if one.label.endswith(f": {category}")]
    try:
        rank(wanted)
    except OperationRefused as refused:
        return refused.refusals
    return []


type _Read = tuple[str, list[Figure], list[ImportRemark]]


def _report(files: Mapping[str, bytes], published: date) -> _Read:
    report = dsa_report.read_report(files, published)
    # A figure of the template has no category of its own, so its label has it.
    figures = [
        replace(one, label=f"{report.service}: {category}")
        for category in (TOTAL, *sorted(ABUSE))
        for one in report.figures(category)
    ]
    return report.service, figures, [ImportRemark(one.finding, one.values) for one in report.remarks]


def _dump(files: Mapping[str, bytes], published: date) -> _Read:
    if len(files) != 1:
        raise DumpRefused("one day is one file")
    counted = transparency_database.count(next(iter(files.values())))
    remarks = list[ImportRemark]()
    if counted.unmapped:
        values = {"count": len(counted.unmapped), "codes": ", ".join(counted.unmapped[:5]), "total": "–"}
        remarks.append(ImportRemark(ReportFinding.UNMAPPED, values))
    return "DSA Transparency Database", counted.figures(published), remarks


def _hotlines(files: Mapping[str, bytes], published: date) -> _Read:
    if len(files) != 1:
        raise TableRefused("one table is one file")
    table = hotline_tables.read_hotlines(next(iter(files.values())), published)
    driving = [ImportRemark(ReportFinding.DOMINANT, {"name": name}) for name in table.dominant]
    return "INHOPE", list(table.figures), driving


def _surveys(files: Mapping[str, bytes], published: date) -> _Read:
    if len(files) != 1:
        raise TableRefused("one table is one file")
    figures = list(survey_tables.read_surveys(next(iter(files.values())), published))
    return ", ".join(sorted({one.label for one in figures})), figures, []


def _task_forces(files: Mapping[str, bytes], published: date) -> _Read:
    if len(files) != 1:
        raise EditionsRefused("one table is one file")
    editions = task_forces.read_editions(next(iter(files.values())))
    figures = [replace(one, vintage=published) for one in task_forces.figures(editions)]
    totals = sum(one.definition.measure is Measure.CUMULATIVE for one in figures)
    remarks = [ImportRemark(ReportFinding.CUMULATIVE, {"count": totals})] if totals else []
    return "Europol, Victim Identification Task Force", figures, remarks


_READERS = {
    ImportKind.DSA_REPORT: _report,
    ImportKind.TRANSPARENCY_DATABASE: _dump,
    ImportKind.HOTLINES: _hotlines,
    ImportKind.SURVEYS: _surveys,
    ImportKind.TASK_FORCES: _task_forces,
}


def _names(figure: Figure) -> tuple[str, ...]:
    """Every name that a figure has from its file."""
    return (figure.label, *figure.unmapped, *figure.coverage.areas, *figure.coverage.contributors)


def _is_name(text: str) -> bool:
    """Whether a reader sees all of it; PostgreSQL keeps no NUL."""
    return not any(unicodedata.category(one) == "Cc" for one in text)


def _digest(files: Mapping[str, bytes]) -> str:
    parts = [hashlib.sha256(data).hexdigest() for _name, data in sorted(files.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _kept(actor: Actor, kind: str, read: _Read, published: date, digest: str) -> UUID:
    publisher, figures, remarks = read
    row = ImportedTable(
        organisation_id=actor.organisation_id,
        kind=kind,
        publisher=publisher[:200],
        published=published,
        digest=digest,
        figures=[as_row(one) for one in figures],
        remarks=[[one.finding.value, {name: str(value) for name, value in one.values.items()}] for one in remarks],
        by=actor.reference,
        by_name=actor.name[:200],
    )
    with acting(actor):
        if not insert_ignore(row):
            raise ImportedBefore
        facts: dict[str, Any] = {"table": kind, "published": published, "digest": digest, "figures": len(figures)}
        record(actor, "figures.imported", SUBJECT, row.pk, **facts)
    return row.pk


def _shown(row: ImportedTable, *, figures: bool = True) -> Import:
    return Import(
        row.pk,
        row.kind,
        row.get_kind_display(),
        row.publisher,
        row.published,
        row.created_at.date(),
        row.by_name,
        row.digest,
        tuple(from_row(one, row.published) for one in row.figures) if figures else (),
        tuple(ImportRemark(ReportFinding.member(code), values) for code, values in row.remarks),
    )
