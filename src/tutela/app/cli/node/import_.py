"""Command `tutela import`: create many proposals from one file, for an organisation of this node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.cli.progress import Telling
from tutela.app.runtime import node
from tutela.exchange.hash_lists.entry import BrokenEntry, Listed, Unreadable
from tutela.exchange.hash_lists.mapped_columns import Mapping, read_mapping

if TYPE_CHECKING:
    from tutela.events.actor import Actor
    from tutela.indicators.imports.lines import BadLine
    from tutela.indicators.imports.runner import ImportReport


def import_(  # noqa: PLR0913 - one parameter an option
    file: Annotated[
        Path, typer.Argument(help="Format: JSON Lines; CSV if the name ends in .csv; or as in --format.", exists=True)
    ],
    organisation: Annotated[str, typer.Option(help="Proposing organisation, a member of the register.")],
    source: Annotated[str, typer.Option(help="Source of the list; stored with every entry.")],
    classification: Annotated[str, typer.Option(help="Default for lines without this value.")] = "",
    media_type: Annotated[str, typer.Option(help="Default for lines without this value.")] = "image",
    reason: Annotated[str, typer.Option(help="Default for lines without this value.")] = "",
    errors: Annotated[Path | None, typer.Option(help="File for refused lines, as JSON Lines.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file without writing anything.")] = False,
    form: Annotated[str, typer.Option("--format", help="jsonl, csv, vics, icse or stix.")] = "",
    mapping: Annotated[Path | None, typer.Option(help="File that maps the source's columns to Tutela's.")] = None,
    into: Annotated[str, typer.Option(help="Import into the provider list of this name, not as proposals.")] = "",
    legal_basis: Annotated[str, typer.Option(help="With --into: the basis on which you hold the list.")] = "",
    about: Annotated[str, typer.Option(help="With --into: csam or other.")] = "csam",
    allow_shrink: Annotated[
        bool, typer.Option("--allow-shrink", help="With --into: more than a tenth of the list may be withdrawn.")
    ] = False,
) -> None:
    """Propose every line of a file. Exits with 3 if lines were refused.

    An interrupted run continues where it stopped. If the file is given again, refused lines are tried again.

    With --into the file becomes a provider list outside the register and replaces the list's earlier file. The file is
    first read to its end; `tutela import-undo` restores the earlier content of the list.
    """
    if form not in ("", "jsonl", "csv", "vics", "icse", "stix"):
        raise fail("--format must be jsonl, csv, vics, icse or stix", Exit.USAGE)
    actor, given, telling = _organisation(organisation), _Given(file, source, form, _mapping(mapping)), _Told(errors)
    if into:
        _list(actor, given, (into, about, legal_basis), telling, _How(dry_run=dry_run, allow_shrink=allow_shrink))
    _propose(actor, given, (media_type, classification, reason), telling, dry_run=dry_run)


def import_undo(
    name: Annotated[str, typer.Argument(help="Short name of the list, as given with --into.")],
    organisation: Annotated[str, typer.Option(help="Organisation of the list.")],
) -> None:
    """Undo the newest file of a list and restore the earlier entries. Possible for 30 days."""
    actor = _organisation(organisation)
    from tutela.events.errors import TutelaError
    from tutela.indicators.partner_lists import file_undo, subscriptions

    found = [one.row.pk for one in subscriptions.list_subscriptions(actor) if one.row.list_id == name]
    if not found:
        raise fail(f"{organisation} has no list {name}", Exit.USAGE)
    try:
        made = file_undo.undo(actor, found[0])
    except TutelaError as error:
        raise fail(str(error), Exit.USAGE) from None
    echo(f"{made.added + made.changed} entries restored, {made.withdrawn} withdrawn")


@dataclass(frozen=True)
class _How:
    """Options for turning a file into a list."""

    dry_run: bool
    allow_shrink: bool


@dataclass(frozen=True)
class _Given:
    """The import file and its format."""

    file: Path
    source: str
    form: str
    mapping: Mapping | None


def _organisation(name: str) -> Actor:
    node.prepare()
    node.django()
    from tutela.events.errors import TutelaError
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    try:
        return machine(directory.named(name).id, "import")
    except TutelaError:
        raise fail(f"this node has no organisation {name}", Exit.USAGE) from None


def _propose(
    actor: Actor, given: _Given, otherwise: tuple[str, str, str], telling: _Told, *, dry_run: bool
) -> NoReturn:
    from tutela.indicators.imports.lines import Defaults
    from tutela.indicators.imports.runner import run

    with _read(given.file), telling:
        report = run(
            actor,
            given.file,
            source=given.source,
            defaults=Defaults(*otherwise),
            dry_run=dry_run,
            form=given.form,
            mapping=given.mapping,
            told=telling.told,
            bad=telling.bad,
        )
    if report.unmapped:
        echo(f"not imported, the register has no field for it: {', '.join(report.unmapped)}", err=True)
    done = "would be proposed" if dry_run else "proposed"
    skipped = f", {report.skipped} lines already imported" if report.skipped else ""
    skipped += f", {report.again} lines refused earlier were retried" if report.again else ""
    echo(f"{report.accepted} {done}, {report.refused} refused{skipped}")
    if report.held:
        echo("held: these entries cannot be certified until the Centre has decided", err=True)
    raise typer.Exit(Exit.UNREAD if report.refused else Exit.NOTHING)


def _list(actor: Actor, given: _Given, named: tuple[str, str, str], telling: _Told, how: _How) -> NoReturn:
    from tutela.indicators.imports import external_formats
    from tutela.indicators.partner_lists.file_import import NamedList, load, plan

    into, about, basis = named
    plain = given.form or ("csv" if given.file.suffix.lower() == ".csv" else "jsonl")
    found = external_formats.source(plain, given.mapping)

    def read() -> Iterator[Listed | BrokenEntry]:
        nonlocal found
        found = external_formats.source(plain, given.mapping)
        opened.seek(0)
        return external_formats.entries(found, opened)

    of = NamedList(into, given.source, about, basis)
    with _read(given.file), telling, given.file.open(encoding="utf-8", newline="") as opened:
        if how.dry_run:
            told = plan(actor, of, read, bad=telling.broken)
            echo(
                f"dry run: {told.added} new, {told.withdrawn} of {told.live} withdrawn, "
                f"{told.broken} refused; nothing was written"
            )
            raise typer.Exit(Exit.UNREAD if told.broken else Exit.NOTHING)
        made = load(actor, of, read, allow_shrink=how.allow_shrink, bad=telling.broken, told=telling.page)
    for name, count in found.left.names.items():
        echo(f"not imported, unknown field: {name} ({count})", err=True)
    echo(f"{made.added} new, {made.changed} changed, {made.withdrawn} withdrawn, {made.broken} refused")
    raise typer.Exit(Exit.UNREAD if made.broken else Exit.NOTHING)


@contextmanager
def _read(file: Path) -> Iterator[None]:
    """Turn every error of reading a file into one line."""
    from tutela.events.errors import TutelaError

    try:
        yield
    except TutelaError as error:
        raise fail(f"{error.field}: {error}" if error.field else str(error), Exit.USAGE) from None
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{file} cannot be read: {error}", Exit.USAGE) from None


def _mapping(file: Path | None) -> Mapping | None:
    try:
        return read_mapping(file.read_text(encoding="utf-8")) if file else None
    except (Unreadable, OSError, UnicodeDecodeError) as error:
        raise fail(f"--mapping {file}: {error}", Exit.USAGE) from None


class _Told(Telling):
    """Progress of an import: proposals by line; for a partner list, stored entries."""

    def told(self, report: ImportReport) -> None:
        self.say(f"line {report.lines}: {report.accepted} accepted, {report.refused} refused")

    def page(self, made: Any) -> None:
        self.say(f"{made.added + made.changed} stored, {made.broken} refused")

    def broken(self, one: BrokenEntry) -> None:
        self.refused(one.number, one.reason, one.field)

    def bad(self, one: BadLine) -> None:
        self.refused(one.line, one.reason, one.field)
