"""Few persons are withheld when a release is made, computed again, or read under a later rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from tests.support.cast import AUDITOR, Cast
from tests.support.figures_world import COMPLAINTS, FiguresWorld, attacker, complaints, own_log
from tutela.accountability.chain import sequencer
from tutela.observatory.figures import recompute, releases
from tutela.observatory.figures.recompute import Discrepancy
from tutela.observatory.statements import figures_file


@pytest.fixture
def world(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FiguresWorld:
    own_log(tmp_path, monkeypatch)
    made = FiguresWorld(cast)
    made.decide_complaints(3, monkeypatch)
    return made


def test_a_small_change_is_rightly_withheld_and_wrongly_shown(world: FiguresWorld) -> None:
    world.decide_complaints(6)
    first_release = world.published()
    world.decide_complaints(1)
    second = figures_file.signed_statement(world.file(world.published()))
    shown = {one.definition.key: one.value for one in releases.public_release(first_release).figures}
    assert shown[COMPLAINTS] == 9
    assert recompute.recompute(second, AUDITOR) == []
    found = {one.finding for one in recompute.recompute(complaints(second, value=10, missing=""), AUDITOR)}
    assert Discrepancy.SHOWN in found


def test_a_release_of_before_the_rule_is_not_shown_any_more(world: FiguresWorld) -> None:
    release = world.published()
    sequencer.sequence_all()
    with attacker() as connected:
        connected.execute(
            "UPDATE observatory_publishedfigure SET missing = '' WHERE release_id = %s AND definition = %s",
            (str(release), COMPLAINTS),
        )
    releases._kept.cache_clear()
    found = releases.public_release(release)
    assert found.withheld_since
    assert {one.definition.key: one.value for one in found.figures}[COMPLAINTS] is None
    page = Client().get(f"/figures/releases/{release}/").text
    assert "withheld today" in page
    assert "Download the file to verify" not in page
    assert Client().get(f"/figures/releases/{release}/file/").status_code == 404
    auditor = world.cast.organisation("Audit Office", "auditor", "BE")
    page = world.cast.client(auditor, "auditor").get(f"/desk/figures/{release}/recompute/").text
    assert "do not agree" in page
