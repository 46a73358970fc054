"""Pages of drills: the Centre sees its drills, others what reached them, and members whether they take part."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cast import Cast
from tests.support.drill_world import DrillWorld, policy_of_drills
from tutela.indicators.drills import members


@pytest.fixture
def world(cast: Cast) -> Iterator[DrillWorld]:
    with policy_of_drills():
        yield DrillWorld(cast)


def test_the_centre_reads_a_drill_and_others_what_reached_them(world: DrillWorld, cast: Cast) -> None:
    drill = world.finished()
    full = world.view(drill)
    centre = cast.client(world.machine, "lead")
    assert full.row.number in centre.get("/desk/drills/").content.decode()
    page = centre.get(f"/desk/drills/{drill}/").content.decode()
    assert "in time" in page
    assert world.redress.provider.organisation_name in page
    assert "no longer has the entry" in page
    provider = cast.client(world.redress.provider, "lead")
    page = provider.get("/desk/drills/").content.decode()
    assert full.row.number not in page
    assert world.machine.organisation_name in page
    assert "Take part in drills" not in page
    assert provider.get(f"/desk/drills/{drill}/").status_code == 404
    assert provider.post("/desk/drills/join/").status_code == 404


def test_a_member_of_the_register_takes_part_and_leaves(world: DrillWorld, cast: Cast) -> None:
    hotline = cast.organisation("Hotline France", "hotline", "FR")
    client = cast.client(hotline, "analyst")
    page = client.post("/desk/drills/join/", follow=True).content.decode()
    assert "takes part in drills" in page
    assert members.participation(hotline)
    page = client.post("/desk/drills/leave/", follow=True).content.decode()
    assert "no longer takes part" in page
    assert members.participation(hotline) is None
