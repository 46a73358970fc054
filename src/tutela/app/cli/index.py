"""`tutela index`: build a list from hashes, and look at one."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import NAMESPACE_OID, uuid5

import typer
from rich.console import Console
from rich.table import Table

from tutela import clock
from tutela.app.cli.exits import Exit, explained, fail
from tutela.edge.errors import ScanError
from tutela.exchange.release import ReleaseManifest, SourceKind
from tutela.matching import BuildReport, Record, Snapshot, build_snapshot
from tutela.matching.writing import write_atomically

app = typer.Typer(help="Build and inspect lists of hashes.", no_args_is_help=True)

_MANY = 20


@app.command()
def build(
    source: Annotated[
        Path,
        typer.Argument(
            help="JSON Lines or CSV: entry_id, md5, sha1, sha256, pdq, quality; or what `tutela hash` wrote."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Snapshot file, or folder with --list-id.")],
    list_id: Annotated[str, typer.Option(help="Write a folder with a manifest, as an Edge loads it.")] = "",
    name: Annotated[str, typer.Option(help="Name of the list.")] = "Provider list",
    list_version: Annotated[int, typer.Option("--list-version", min=1)] = 1,
    days: Annotated[int, typer.Option(min=1, help="Days until the list expires.")] = 90,
    hasher: Annotated[str, typer.Option(help="The program that made the PDQ hashes.")] = "",
) -> None:
    """Build a list. Bad values are set aside and shown; the rest is built. Ends with 3 if anything was set aside."""
    with explained():
        if list_id:
            output.mkdir(parents=True, exist_ok=True)
        report = build_snapshot(_records(source), output / "snapshot" if list_id else output, hasher=hasher)
        if list_id:
            _write_manifest(output, report, list_id, name, list_version, days)
    for one in report.quarantined[:_MANY]:
        typer.echo(f"set aside: record {one.position}, {one.field}: {one.reason}", err=True)
    if len(report.quarantined) > _MANY:
        typer.echo(f"set aside: {len(report.quarantined) - _MANY} more", err=True)
    typer.echo(f"{report.entries} entries, {report.size} bytes, sha256 {report.sha256}")
    raise typer.Exit(Exit.UNREAD if report.quarantined else Exit.NOTHING)


@app.command()
def info(path: Annotated[Path, typer.Argument(help="A snapshot.")]) -> None:
    """Verify a list and show what it holds."""
    with explained():
        snapshot = Snapshot.open(path / "snapshot" if path.is_dir() else path)
    table = Table(show_header=False, box=None)
    rows = {"entries": len(snapshot), **snapshot.counts(), "bytes": snapshot.size}
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
            policy="Loaded by the provider; matches are candidates and not in the public register.",
        )
    except ValueError:
        raise fail("a list id is lower-case letters, digits, dots and dashes, at most 63", Exit.USAGE) from None
    write_atomically(folder / "manifest.json", manifest.to_bytes())


def _records(source: Path) -> Iterator[Record]:
    try:
        with source.open(newline="", encoding="utf-8") as file:
            if source.suffix.lower() == ".csv":
                yield from (_from_row(row) for row in csv.DictReader(file))
            else:
                yield from (_from_line(line) for line in file if line.strip())
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScanError(f"{source}: {type(error).__name__}.") from None


def _from_row(row: dict[str, Any]) -> Record:
    def listed(name: str) -> tuple[str, ...]:
        return (row[name],) if row.get(name) else ()

    quality = str(row.get("quality") or "")
    pdq = tuple((value, int(quality) if quality.isdecimal() else -1) for value in listed("pdq"))
    return Record(row.get("entry_id") or "", listed("sha256"), listed("sha1"), listed("md5"), pdq)


def _from_line(line: str) -> Record:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return Record("")
    if not isinstance(value, dict):
        return Record("")
    if isinstance(value.get("digests"), dict):
        return _from_hashed(value)

    def listed(name: str) -> tuple[Any, ...]:
        given = value.get(name)
        return tuple(given) if isinstance(given, list) else () if given is None else (given,)

    pdq: Any = tuple((p.get("hash"), p.get("quality")) if isinstance(p, dict) else p for p in listed("pdq"))
    return Record(str(value.get("entry_id", "")), listed("sha256"), listed("sha1"), listed("md5"), pdq)


def _from_hashed(value: dict[str, Any]) -> Record:
    """A line of `tutela hash`. It names no entry, so the same bytes get the same id every time."""
    digests, frames = value["digests"], (value.get("picture") or {}).get("frames") or ()
    pdq: Any = tuple(look for frame in frames for look in _looks(frame))
    entry_id = str(uuid5(NAMESPACE_OID, str(digests.get("sha256"))))
    return Record(entry_id, (digests.get("sha256"),), (digests.get("sha1"),), (digests.get("md5"),), pdq)


def _looks(frame: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    yield frame.get("pdq"), frame.get("quality"), frame.get("structure") or "", False
    for window in frame.get("windows") or ():
        yield window.get("pdq"), window.get("quality"), window.get("structure"), window.get("kind") != "whole"
