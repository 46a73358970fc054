"""The demonstration's exchange between two hotlines."""

from __future__ import annotations

from datetime import timedelta

from tests.support.cast import Cast
from tests.support.post import deliver, introduce
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.app.demo import takedown
from tutela.app.demo.takedown import HotlineDesk
from tutela.events.transaction import acting
from tutela.takedown.models import CaseFile, Transfer


def test_two_cases_go_to_the_hotline_of_the_other_country(cast: Cast) -> None:
    assert cast.centre
    desks = []
    for machine in (cast.hotline_ie, cast.hotline_de):
        hotline = Hotline(cast, machine)
        desks.append(HotlineDesk(hotline.analyst, machine, cast.authority.organisation_id))
    introduce(cast, cast.hotline_ie, cast.hotline_de, "hotline-cases:exchange")
    introduce(cast, cast.hotline_de, cast.hotline_ie, "hotline-cases:exchange")
    takedown._to_partner(desks[0], desks[1], clock.now() - timedelta(days=3), deliver)
    with acting(cast.hotline_ie):
        assert sorted(Transfer.objects.values_list("state", flat=True)) == ["accepted", "waiting"]
        told = Transfer.objects.get(state="accepted").steps.order_by("created_at").values_list("kind", flat=True)
        assert set(told) == {"sent", "accepted", "reported_to_police"}
    for desk in desks:
        with acting(desk.hotline):
            assert CaseFile.objects.count() == 1
