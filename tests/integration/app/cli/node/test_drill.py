"""The command of drills: lists them, prints one, and runs one to its end with the number of a late party."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from tests.support.cast import Cast
from tests.support.drill_world import DrillWorld, policy_of_drills
from tutela import clock
from tutela.app.cli.node import drill as command
from tutela.redress.drills import run


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[DrillWorld]:
    with policy_of_drills():
        made = DrillWorld(cast)
        monkeypatch.setattr(command, "_centre", lambda: made.lead)
        yield made


def test_it_lists_drills_and_prints_one(world: DrillWorld) -> None:
    number, runner = world.view(world.finished()).row.number, CliRunner()
    assert f"{number}  " in runner.invoke(command.app, ["list"]).stdout
    said = runner.invoke(command.app, ["list", number.lower()]).stdout
    assert "nobody was late" in said
    assert "recipient acknowledged" in said
    assert runner.invoke(command.app, ["list", "U-0"]).exit_code == 2


def test_it_goes_on_with_the_running_drill_and_says_who_is_late(world: DrillWorld) -> None:
    drill = world.reversed()
    world.post()
    # The Edge was not served a head without the entry.
    with clock.simulate(clock.now() + run.RECIPIENTS_WAIT + timedelta(seconds=1)):
        done = CliRunner().invoke(command.app, ["run"])
    assert done.exit_code == 5
    name = world.redress.provider.organisation_name
    assert f"late: {name}" in done.stdout
    assert "Edge no longer has the entry: —" in done.stdout
    assert world.view(drill).row.ended_at
