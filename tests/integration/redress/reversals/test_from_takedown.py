"""A hotline that finds an address lawful after its notice tells the provider, which answers."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from tests.support.hosting_world import HostDesk
from tests.support.post import introduce
from tutela.events.transaction import acting
from tutela.redress.models import Hop, Reversal
from tutela.redress.reversals import accept
from tutela.redress.reversals.accept import OwnAnswer
from tutela.takedown.models import Notice


@pytest.fixture
def desk(cast: Cast) -> HostDesk:
    made = HostDesk(cast)
    introduce(cast, made.hotline.machine, made.provider, "notices:submit", "reversals:exchange")
    introduce(cast, made.provider, made.hotline.machine, "notice-answers:submit", "reversals:exchange")
    return made


def test_a_second_opinion_of_lawful_reverses_the_notice(desk: HostDesk) -> None:
    case, notice = desk.sent()
    desk.post()
    with acting(desk.hotline.analyst):
        number = Notice.objects.get(pk=notice).number
    desk.hotline.assessed("legal", by=desk.hotline.colleague, case=case)
    with acting(desk.hotline.analyst):
        (own,) = Reversal.objects.filter(notice_number=number)
    desk.post()
    with acting(desk.lead):
        row = Reversal.objects.get(root_id=own.root_id, organisation_id=desk.provider.organisation_id)
        hop = Hop.objects.get(reversal=row)
    assert (row.sender_number, hop.kind, hop.state) == (own.number, "measure", "waiting")
    accept.answer(desk.lead, hop.pk, OwnAnswer("corrected"))
    desk.post()
    with acting(desk.hotline.analyst):
        own = Reversal.objects.get(pk=own.pk)
        assert own.outcome == "corrected"


def test_without_a_notice_nobody_is_told(desk: HostDesk) -> None:
    case = desk.hotline.reported().id
    desk.hotline.assessed("legal", case=case)
    with acting(desk.hotline.analyst):
        assert not Reversal.objects.exists()
