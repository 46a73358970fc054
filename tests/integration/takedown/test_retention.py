"""What goes when its time is over: addresses of closed cases, messages about them, and files that nobody imported."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.partners_world import Partners
from tutela import clock
from tutela.events.transaction import acting
from tutela.organisations.models import OutboxMessage
from tutela.takedown import retention
from tutela.takedown.case_work import detail
from tutela.takedown.models import CaseFile
from tutela.takedown.partners import iccam_files
from tutela.takedown.rechecks import check


@pytest.fixture
def world(cast: Cast) -> Partners:
    return Partners(cast)


def test_a_partners_case_is_erased_at_both_hotlines(world: Partners) -> None:
    case, transfer, there = world.arrived()
    world.removed_there(there)
    check.seen(world.host.analyst, there, absent=True)
    world.post()
    later = clock.now() + timedelta(days=400)
    for hotline, one in ((world.sender, case), (world.host, there)):
        with acting(hotline.machine):
            assert [pk for _kind, pk in retention.erase_closed(hotline.machine, later)] == [str(one)]
        shown = detail.load_case(hotline.analyst, one)
        assert shown.address is None
        assert all(place.said is None for place in shown.partners.incoming)
    assert world.steps(transfer)[-1] == "removed"


def test_a_message_that_nobody_took_is_erased_with_its_case(world: Partners) -> None:
    case, transfer = world.sent()
    check.seen(world.sender.analyst, case, absent=True)
    with acting(world.sender.machine):
        assert list(retention.erase_closed(world.sender.machine, clock.now() + timedelta(days=1)))
        row = OutboxMessage.objects.get(subject_id=str(transfer))
        assert (bytes(row.sealed_body), row.answer_status) == (b"", 410)
    assert world.post() == 0
    assert world.counted() == (0, 0)


def test_a_file_that_nobody_imported_goes(world: Partners) -> None:
    analyst = world.host.analyst
    iccam_files.upload(analyst, "a.json", "Hotline", [b"{}"])
    with acting(world.host.machine):
        assert not list(retention.erase_closed(world.host.machine, clock.now() - timedelta(days=1)))
        assert list(retention.erase_closed(world.host.machine, clock.now() + timedelta(days=1)))
        assert not CaseFile.objects.exists()
