"""One event: who looks after the organisation erases its facts, once and with a reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection

from tests.support.cast import AUDITOR, Cast
from tutela import clock
from tutela.accountability.chain import erasure, sequencer, verifier
from tutela.events.errors import Forbidden, NotFound
from tutela.events.record import one, record
from tutela.events.transaction import acting
from tutela.organisations.approvals import four_eyes


def test_the_facts_of_an_event_are_erased_with_a_reason_and_the_chain_verifies(cast: Cast) -> None:
    with acting(cast.pixelpost):
        made = record(cast.pixelpost, "person.profile", "person", "7", name="Kim")
    client, address = cast.client(cast.pixelpost, "administrator"), f"/desk/events/{made}/"
    assert "Kim" in client.get(address).content.decode()
    client.post(address, {"reason": " "})
    with acting(cast.pixelpost):
        assert one(made).facts == {"name": "Kim"}
    page = client.post(address, {"reason": "The person\r\nasked"}, follow=True).content.decode()
    assert "Withdraw" in page
    for refused in ({"decision": "agree"}, {"reason": "again"}):
        assert "still verifies" not in client.post(address, refused, follow=True).content.decode()
    assert "Kim" in client.get(address).content.decode(), "one person alone erases nothing"
    second = cast.client(cast.pixelpost, "administrator")
    assert f'href="{address}"' in second.get("/desk/").content.decode(), "it is among what there is to do"
    page = second.get(address).content.decode()
    assert "The person\nasked" in page
    page = second.post(address, {"decision": "agree"}, follow=True).content.decode()
    assert "still verifies" in page
    assert "Kim" not in page
    assert "Erase the facts" not in page
    assert second.post(address, {"decision": "agree"}).status_code == 404, "once"
    sequencer.sequence_all()
    assert verifier.verify(AUDITOR).problems == []


@pytest.mark.parametrize("name", ["items", "keys", "values", "get"])
def test_a_fact_may_have_any_name(cast: Cast, name: str) -> None:
    with acting(cast.pixelpost):
        made = record(cast.pixelpost, "person.profile", "person", "8", **{name: 31})
    client = cast.client(cast.pixelpost, "administrator")
    for address in ("/desk/events/", f"/desk/events/{made}/"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert name in answer.content.decode()


def test_who_audits_and_administers_is_called_too(cast: Cast) -> None:
    auditor = cast.organisation("Court of auditors", "auditor", "LU")
    with acting(auditor):
        made = record(auditor, "person.profile", "person", "11", name="Kim")
    erasure.ask(cast.actor(auditor, "administrator"), made, "required")
    page = cast.client(auditor, "administrator", "auditor").get("/desk/").content.decode()
    assert f'href="/desk/events/{made}/"' in page


def test_a_request_is_taken_back_refused_and_forgotten_after_a_week(cast: Cast) -> None:
    with acting(cast.pixelpost):
        made = record(cast.pixelpost, "person.profile", "person", "9", name="Kim")
    address = f"/desk/events/{made}/"
    first, second = (cast.client(cast.pixelpost, "administrator") for _ in range(2))
    for client in (first, second):
        first.post(address, {"reason": "x"})
        client.post(address, {"decision": "refuse"})
        assert second.post(address, {"decision": "agree"}).status_code == 404
    first.post(address, {"reason": "x"})
    with clock.simulate(clock.now() + four_eyes.LASTS):
        assert second.post(address, {"decision": "agree"}).status_code == 404
    with acting(cast.pixelpost):
        assert one(made).facts == {"name": "Kim"}


def test_no_machine_is_a_second_person_and_of_twins_one_agrees(cast: Cast) -> None:
    with acting(cast.pixelpost):
        made = record(cast.pixelpost, "person.profile", "person", "10", name="Kim")
    erasure.ask(cast.actor(cast.pixelpost, "administrator"), made, "x")
    machine = replace(cast.actor(cast.pixelpost, "administrator"), reference="system:test")
    with pytest.raises(Forbidden):
        erasure.erase(machine, made)
    other = cast.actor(cast.pixelpost, "administrator")

    def agree(_: int) -> bool:
        try:
            erasure.erase(other, made)
        except NotFound:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(agree, range(4))) == [False, False, False, True]


def test_others_erase_nothing(cast: Cast) -> None:
    with acting(cast.pixelpost):
        made = record(cast.pixelpost, "person.profile", "person", "8", name="Kim")
    address = f"/desk/events/{made}/"
    auditor = cast.organisation("Court of auditors", "auditor", "LU")
    for client, seen in (
        (cast.client(cast.pixelpost, "reviewer"), 404),
        (cast.client(cast.centre, "administrator"), 404),
        (cast.client(auditor, "auditor"), 200),
    ):
        assert client.get(address).status_code == seen
        assert client.post(address, {"reason": "x"}).status_code in (404, 405)
    with acting(cast.pixelpost):
        assert one(made).facts == {"name": "Kim"}
