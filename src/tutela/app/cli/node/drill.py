"""A test entry to every connected Edge, and its reversal at every recipient."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.runtime import node

if TYPE_CHECKING:
    from tutela.events.actor import Actor
    from tutela.redress.drills.results import DrillView

app = typer.Typer(no_args_is_help=True, help=__doc__)
# Between two looks. An Edge polls every second.
PAUSE_SECONDS = 0.2


@app.command()
def run() -> None:
    """Run a drill, or go on with the one that is running, and print who had the entry, who lost it and who answered.

    The policy in force must name test entries, and two organisations must take part. Exits with 5 if somebody is late.
    """
    centre = _centre()
    from tutela.redress.drills import results
    from tutela.redress.drills import run as drills_run

    drill = drills_run.start(centre)
    while not drills_run.advance(centre, drill):
        time.sleep(PAUSE_SECONDS)
    full = results.load(centre, drill)
    _print(full)
    raise typer.Exit(Exit.UNREACHABLE if full.late else Exit.NOTHING)


@app.command(name="list")
def list_(
    number: Annotated[str, typer.Argument(help="Number of a drill, to print it whole.")] = "",
) -> None:
    """List the last drills, or print one."""
    centre = _centre()
    from tutela.redress.drills import results

    found, _more = results.list_drills(centre)
    if number:
        chosen = next((one for one in found if one.row.number == number.upper()), None)
        if chosen is None:
            raise fail(f"no drill has the number {number}", Exit.USAGE)
        _print(chosen)
        return
    for one in found:
        state = f"{len(one.late)} late" if one.row.ended_at else "running"
        echo(f"{one.row.number}  {one.row.created_at:%Y-%m-%d %H:%M} UTC  {state}")


def _print(full: DrillView) -> None:
    echo(f"{full.row.number}: certified by {' and '.join(full.certifiers)}")
    width = max((len(one.name) for one in full.lines), default=0)
    for line in full.lines:
        if not line.connected:
            echo(f"{line.name:{width}}  {line.kind_label}: {'not connected' if line.kind == 'edge' else 'no key'}")
        for one in line.times:
            said = f"{line.kind_label} {one.step.label}: {one.shown}, target {one.target:.0f} s"
            echo(f"{line.name:{width}}  {said}{'  LATE' if one.late else ''}")
    names = sorted({one.name for one in full.late})
    echo(f"late: {', '.join(names)}" if names else "nobody was late")


def _centre() -> Actor:
    node.prepare()
    node.django()
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    centre = directory.the_centre()
    if centre is None:
        raise fail("this node has no Centre", Exit.USAGE)
    return machine(centre.id, "operator")
