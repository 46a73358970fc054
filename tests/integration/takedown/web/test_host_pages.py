"""The host's desk in a browser: list, decision, double click, reversal, trusted flaggers, and who sees nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.hosting_world import REDRESS, HostDesk, wire
from tutela.events.transaction import acting
from tutela.exchange.takedown.notice import NoticeAnswer
from tutela.organisations.models import OutboxMessage
from tutela.takedown.models import IncomingNotice

FORM = {"action_0": "removed", "action_1": "none", "reason": "It is lawful here.", "redress": REDRESS}


@pytest.fixture
def desk(cast: Cast) -> HostDesk:
    assert cast.centre
    return HostDesk(cast)


def _row(desk: HostDesk, notice: object) -> IncomingNotice:
    with acting(desk.lead):
        return IncomingNotice.objects.get(pk=notice)


def test_a_day_at_the_hosts_desk(desk: HostDesk) -> None:
    client, made = desk.cast.client(desk.provider, "lead"), wire()
    assert b"No notice matches this filter" in client.get("/desk/hosting/").content
    notice = desk.taken_in(made)
    number, page = _row(desk, notice).number, f"/desk/hosting/{notice}/"
    listed = client.get("/desk/hosting/").content.decode()
    assert number in listed
    assert made.reference in listed
    shown = client.get(page).content.decode()
    assert "https://host.example.org/x/2" in shown
    assert "Assessed by a trained analyst" in shown
    client.post(f"{page}decide/", {**FORM, "action_1": ""})
    assert "Address 2:" in client.get(page).content.decode()
    assert client.post(f"{page}decide/", FORM).status_code == 302
    assert "The notice is decided." in client.get(page).content.decode()
    client.post(f"{page}decide/", FORM)
    assert "has already decided this notice" in client.get(page).content.decode()
    assert number not in client.get("/desk/hosting/").content.decode()
    assert number in client.get("/desk/hosting/?state=decided&format=csv").content.decode()
    client.post(f"{page}restore/", {"places": ["1"], "reason": "x"})
    assert "removed or disabled now" in client.get(page).content.decode()
    client.post(f"{page}restore/", {"places": ["0"], "reason": "The complaint was right."})
    after = client.get(page).content.decode()
    assert "access restored" in after
    assert "The complaint was right." in after
    assert _row(desk, notice).acted is False


def test_a_trusted_flagger_comes_first_and_only_by_the_hosts_own_finding(desk: HostDesk, cast: Cast) -> None:
    client = cast.client(desk.provider, "lead")
    stated = {"kind": "trusted_flagger", "name": "Other", "email": "desk@hotline.example"}
    first, second = desk.taken_in(), desk.taken_in(wire(notifier=stated), sender=cast.hotline_de)
    assert not _row(desk, second).trusted, "a statement of one's own gives no priority"
    client.post(f"/desk/hosting/{second}/flagger/", {"trusted": "on", "source": "Coordinator of Germany"})
    page = client.get("/desk/hosting/").content.decode()
    assert page.index(str(second)) < page.index(str(first))
    assert str(first) not in client.get("/desk/hosting/?trusted=1").content.decode()
    third = desk.taken_in(sender=cast.hotline_de)
    assert _row(desk, third).trusted
    client.post(f"/desk/hosting/{second}/flagger/", {"source": "The status has ended."})
    assert not _row(desk, third).trusted


def test_the_share_of_notices_acted_on_is_shown_from_ten_decisions(desk: HostDesk) -> None:
    client = desk.cast.client(desk.provider, "reviewer")
    for place in range(9):
        actions = ("none", "none") if place < 2 else ("removed", "not_found")
        desk.decided(*actions, reason="Lawful.")
    desk.taken_in()
    assert "% of" not in client.get("/desk/hosting/").content.decode()
    desk.decided("disabled", "disabled")
    assert "80 % of 10" in client.get("/desk/hosting/").content.decode()


def test_an_authority_gets_its_answer_by_hand(desk: HostDesk, cast: Cast) -> None:
    client, notice = cast.client(desk.provider, "lead"), desk.taken_in(sender=cast.authority)
    page = f"/desk/hosting/{notice}/"
    assert client.get(f"{page}answer.json").status_code == 404, "not decided yet"
    client.post(f"{page}decide/", FORM)
    assert "takes no answers by the API" in client.get(page).content.decode()
    said = NoticeAnswer.from_bytes(client.get(f"{page}answer.json").content)
    assert said.decision is not None
    assert (said.decision.action, said.decision.reason) == ("removed", FORM["reason"])
    client.post(f"{page}restore/", {"places": ["0"], "reason": "A complaint."})
    assert NoticeAnswer.from_bytes(client.get(f"{page}answer.json").content).reversal is not None
    with acting(desk.provider):
        assert not OutboxMessage.objects.filter(subject_id=str(notice)).exists()


def test_notices_are_found_and_counted(desk: HostDesk) -> None:
    client, made = desk.cast.client(desk.provider, "lead"), wire()
    notice = desk.taken_in(made)
    for words in (made.reference, _row(desk, notice).number):
        assert f"/desk/hosting/{notice}/" in client.post("/desk/search/", {"q": words}).content.decode(), words
    assert "Notices to decide" in client.get("/desk/").content.decode()
    assert client.get("/desk/work/hosting/next/").status_code in (200, 302)


def test_a_claim_of_a_colleague_asks_before_the_decision(desk: HostDesk) -> None:
    notice = desk.taken_in()
    first, second = (desk.cast.client(desk.provider, "lead") for _ in range(2))
    first.post(f"/desk/work/hosting/{notice}/", {"step": "claim"})
    assert second.post(f"/desk/hosting/{notice}/decide/", FORM).status_code == 409


def test_who_may_not_sees_nothing(desk: HostDesk, cast: Cast) -> None:
    notice = desk.taken_in()
    page, steps = f"/desk/hosting/{notice}/", ("decide", "restore", "flagger")
    reader = cast.client(desk.provider, "reviewer")
    shown = reader.get(page).content.decode()
    assert "host.example.org" in shown
    assert "Send decision" not in shown
    for step in steps:
        assert reader.post(f"{page}{step}/", FORM).status_code == 404
    for stranger, role in ((cast.other_provider, "lead"), (cast.hotline_de, "analyst"), (cast.centre, "lead")):
        client = cast.client(stranger, role)
        assert client.get(page).status_code == 404
        for step in steps:
            assert client.post(f"{page}{step}/", FORM).status_code == 404
    assert Client().get(page).status_code == 302
    assert not _row(desk, notice).decided_at
