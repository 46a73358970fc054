"""Equal addresses are one case; a closed case is reopened; a public report leaves the hour and nothing else."""

from __future__ import annotations

import secrets

import pytest

from tests.support.cast import Cast
from tests.support.reports_world import in_clear
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.takedown.errors import BadAddress
from tutela.takedown.intake.open_case import Reported, address_of, open_case
from tutela.takedown.models import CaseReport, Source, Stage, TakedownCase


def test_equal_addresses_are_one_case(cast: Cast) -> None:
    hotline, name = Hotline(cast), f"h{secrets.token_hex(5)}.example.org"
    first = hotline.reported(f"https://{name}/a/../b?x=1#top")
    again = hotline.reported(f"hxxps://{name.upper()}:443/b?x=1")
    other = hotline.reported(f"https://{name}/b?x=2")
    assert first.new
    assert (again.id, again.new, again.reopened) == (first.id, False, False)
    assert other.id != first.id
    assert hotline.row(first.id).reports == 2


def test_the_address_stands_nowhere_in_clear(cast: Cast) -> None:
    hotline, name = Hotline(cast), f"h{secrets.token_hex(5)}"
    case = hotline.reported(f"https://{name}.example.org/page")
    assert in_clear(hotline.analyst, name) == []
    with acting(hotline.analyst):
        assert address_of(hotline.row(case.id)).normal == f"https://{name}.example.org/page"


def test_two_hotlines_have_a_case_each_and_see_only_their_own(cast: Cast) -> None:
    hotline, address = Hotline(cast), f"https://h{secrets.token_hex(5)}.example.org/"
    other = cast.actor(cast.hotline_de, "analyst")
    first, second = hotline.reported(address), open_case(other, address, Reported(Source.ENTERED))
    assert first.id != second.id
    with acting(other):
        assert not TakedownCase.objects.filter(pk=first.id).exists()
        keys = set(TakedownCase.objects.values_list("address_key", flat=True))
    assert bytes(hotline.row(first.id).address_key) not in {bytes(one) for one in keys}


def test_a_closed_case_is_reopened_with_its_history(cast: Cast) -> None:
    hotline, address = Hotline(cast), f"https://h{secrets.token_hex(5)}.example.org/"
    case = hotline.assessed("legal", case=hotline.reported(address).id)
    assert hotline.row(case).stage == Stage.CLOSED
    again = hotline.reported(address)
    row = hotline.row(case)
    assert again.reopened
    assert (row.stage, row.verdict, row.round) == (Stage.ASSESS, "", 2)
    hotline.assessed("illegal", case=case)
    with acting(hotline.analyst):
        assert row.assessments.count() == 2


@pytest.mark.parametrize(
    "text", ["", "javascript:alert(1)", "http://127.0.0.1/x", "https://localhost/", "https://h.local/"]
)
def test_an_address_that_cannot_be_used_stores_nothing(cast: Cast, text: str) -> None:
    hotline = Hotline(cast)
    with pytest.raises(BadAddress) as error:
        hotline.reported(text or " ")
    assert error.value.field == "address"
    with acting(hotline.analyst):
        assert not TakedownCase.objects.exists()


def test_a_public_report_has_the_time_of_the_hour(cast: Cast) -> None:
    hotline = Hotline(cast)
    address = f"https://h{secrets.token_hex(5)}.example.org/"
    made = open_case(hotline.machine, address, Reported(Source.PUBLIC))
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    with acting(hotline.analyst):
        row = TakedownCase.objects.get(pk=made.id)
        said = CaseReport.objects.get(case=row)
        event = Event.objects.get(subject_id=str(row.pk), kind="takedown.opened")
    for at in (row.created_at, row.reported_at, said.created_at, said.at, event.at):
        assert at == hour
    for pk in (row.pk, said.pk, event.pk):
        assert (pk.int >> 80) % 3_600_000 == 0, "its ID tells the hour alone"
