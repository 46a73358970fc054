"""One event: who looks after the organisation erases its facts, once and with a reason."""

from __future__ import annotations

from tests.cast import Cast
from tutela.accountability import sequencing, verifying
from tutela.events.acting import acting
from tutela.events.recording import one, record


def test_the_facts_of_an_event_are_erased_with_a_reason_and_the_chain_verifies(cast: Cast) -> None:
    with acting(cast.pixelpost):
        made = record(cast.pixelpost, "person.profile", "person", "7", name="Kim")
    client, address = cast.client(cast.pixelpost, "administrator"), f"/desk/events/{made}/"
    assert "Kim" in client.get(address).content.decode()
    client.post(address, {"reason": " "})
    with acting(cast.pixelpost):
        assert one(made).facts == {"name": "Kim"}
    page = client.post(address, {"reason": "The person\r\nasked"}, follow=True).content.decode()
    assert "still verifies" in page
    assert "Kim" not in page
    assert "Erase the facts" not in page
    sequencing.sequence_all()
    assert verifying.verify().problems == []


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
