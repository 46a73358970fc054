"""Commands `tutela index`: build a list from hashes, and show the content of a list."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tutela import clock
from tutela.app.cli.exit_codes import Exit, explained, fail
from tutela.app.cli.output import echo
from tutela.edge.active_lists.hash_files import records
from tutela.exchange.register.release import ReleaseManifest, SourceKind
from tutela.matching import BuildReport, Snapshot
from tutela.matching.files.snapshot_writer import snapshot_bytes, write_atomically

app = typer.Typer(help="Build and inspect lists of hashes.", no_args_is_help=True)

_MANY = 20


@app.command()
def build(
    source: Annotated[
        Path,
        typer.Argument(
            help="Plain hashes; CSV or JSON Lines with entry_id, md5, sha1, sha256, pdq, quality; or "
            "output of `tutela hash`."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Snapshot file; with --list-id, a folder.")],
    list_id: Annotated[str, typer.Option(help="Write a folder with a manifest that an Edge can load.")] = "",
    name: Annotated[str, typer.Option(help="Name of the list.")] = "Provider list",
    list_version: Annotated[int, typer.Option("--list-version", min=1)] = 1,
    days: Annotated[int, typer.Option(min=1, help="Days until the list expires.")] = 90,
    hasher: Annotated[str, typer.Option(help="Program that made the PDQ hashes.")] = "",
) -> None:
    """Build a list. Bad values are excluded and shown. Exits with 3 if anything was excluded."""
    with explained():
        data, report = snapshot_bytes(records(source), hasher=hasher)
        if not report.entries:
            raise fail(
                f"{source} has no usable hash ({len(report.quarantined)} records excluded); nothing is written",
                Exit.USAGE,
            )
        if list_id:
            output.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(output / "snapshot" if list_id else output, data)
        if list_id:
            _write_manifest(output, report, list_id, name, list_version, days)
    for one in report.quarantined[:_MANY]:
        echo(f"excluded: record {one.position}, {one.field}: {one.reason}", err=True)
    if len(report.quarantined) > _MANY:
        echo(f"excluded: {len(report.quarantined) - _MANY} more", err=True)
    echo(f"{report.entries} entries, {report.size} bytes, sha256 {report.sha256}")
    raise typer.Exit(Exit.UNREAD if report.quarantined else Exit.NOTHING)


@app.command()
def info(
    path: Annotated[Path, typer.Argument(help="A snapshot.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Verify a list and show its contents."""
    with explained():
        snapshot = Snapshot.open(path / "snapshot" if path.is_dir() else path)
    rows = {"entries": len(snapshot), **snapshot.counts(), "bytes": snapshot.size}
    if as_json:
        echo(json.dumps({**rows, "hasher": snapshot.hasher or None, "sha256": snapshot.sha256}))
        return
    table = Table(show_header=False, box=None)
    for key, value in rows.items():
        table.add_row(key, f"{value:,}")
    table.add_row("hasher", snapshot.hasher or "not stated")
    table.add_row("sha256", snapshot.sha256)
    Console().print(table)


def _write_manifest(folder: Path, report: BuildReport, list_id: str, name: str, version: int, days: int) -> None:
    now = clock.now()
    try:
        manifest = ReleaseManifest(
            list_id=list_id,
            list_name=name,
            source_kind=SourceKind.PROVIDER_SOURCE,
            version=version,
            created=now,
            expires=now + timedelta(days=days),
            entries=report.entries,
            snapshot_sha256=report.sha256,
            snapshot_size=report.size,
            policy="Loaded by the provider. Matches are candidates and not in the public register.",
        )
    except ValueError:
        raise fail("a list ID must have 1 to 63 lower-case letters, digits, dots and dashes", Exit.USAGE) from None
    write_atomically(folder / "manifest.json", manifest.to_bytes())
