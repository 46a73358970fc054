"""The demonstration's exchange between two hotlines."""

from __future__ import annotations

from datetime import timedelta

from tests.support.cast import Cast
from tests.support.post import deliver, introduce
from tests.support.takedown_world import LABEL, Hotline
from tutela import clock
from tutela.app.demo.takedown import examination, stories
from tutela.app.demo.takedown.stories import HotlineDesk
from tutela.events.transaction import acting
from tutela.takedown.case_work import detail
from tutela.takedown.models import CaseFile, Transfer
from tutela.takedown.partners import iccam_files


def test_two_cases_go_to_the_hotline_of_the_other_country(cast: Cast) -> None:
    assert cast.centre
    desks = []
    for machine in (cast.hotline_ie, cast.hotline_de):
        hotline = Hotline(cast, machine)
        desks.append(HotlineDesk(hotline.analyst, machine, cast.authority.organisation_id))
    introduce(cast, cast.hotline_ie, cast.hotline_de, "hotline-cases:exchange")
    introduce(cast, cast.hotline_de, cast.hotline_ie, "hotline-cases:exchange")
    stories._to_partner(desks[0], desks[1], clock.now() - timedelta(days=3), deliver)
    with acting(cast.hotline_ie):
        assert sorted(Transfer.objects.values_list("state", flat=True)) == ["accepted", "waiting"]
        told = Transfer.objects.get(state="accepted").steps.order_by("created_at").values_list("kind", flat=True)
        assert set(told) == {"sent", "accepted", "reported_to_police"}
    for desk in desks:
        with acting(desk.hotline):
            assert CaseFile.objects.count() == 1
            file = CaseFile.objects.get().pk
        faults = [one.fault for one in iccam_files.preview(desk.analyst, file).lines]
        assert (faults[0], len(faults)) == ("", 2)
        assert faults[1]


def test_an_examination_waits_for_two_verdicts(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.reported().id
    administrator = cast.actor(hotline.machine, "administrator")
    examination.play(hotline.analyst, hotline.colleague, administrator, case, LABEL)
    shown = detail.load_case(hotline.analyst, case).examination
    assert (len(shown.items), shown.waiting) == (3, 2)
