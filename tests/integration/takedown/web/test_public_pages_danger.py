"""The form of people in danger is never closed: one client that sends hundreds reaches neither bound nor people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.support.anonymous import Visitor, told
from tests.support.cast import Cast
from tests.support.drills import LONG
from tutela import clock
from tutela.casework.alerts import escalation
from tutela.casework.anonymous import inbox, proof_of_work, reserve, ticket, work
from tutela.casework.anonymous.errors import Later
from tutela.casework.models import Alert, Conversation
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.takedown import alerts
from tutela.takedown.intake import public_report
from tutela.takedown.intake.public_report import REPORT, URGENT_REPORT
from tutela.takedown.models import TakedownCase

KINDS = (URGENT_REPORT.code, REPORT.code)
ATTACKER, CHILD = "1.2.3.4", "5.6.7.8"
MAY = frozenset({"takedown.read", "takedown.assess", inbox.READ, inbox.ANSWER})


@pytest.fixture
def hotline(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Actor]:
    assert cast.centre
    assert cast.hotline_ie
    entry = public_report.hotline()
    assert entry is not None
    # The attack is counted in forms, not in hashes.
    monkeypatch.setattr(work, "BITS", 1)
    _forget()
    yield directory.acting_for(entry, "system:test", "Test", MAY)
    _forget()
    with acting(directory.acting_for(entry, "system:test", "Test", MAY)):
        Conversation.objects.filter(kind__in=KINDS).delete()


@pytest.fixture
def early_in_an_hour() -> Iterator[None]:
    """A clock that goes on from ten minutes after the next full hour: forms are counted by the hour."""
    ahead = clock.this_hour() + timedelta(hours=1, minutes=10) - clock.now()
    with clock.simulate(lambda: datetime.now(UTC) + ahead):
        yield


def _forget() -> None:
    for kind in KINDS:
        for form in ("write", "enter", "follow_up"):
            work.ADMITTED.forget(f"{kind}.{form}")


def attack(kind: str, *, script: bool, many: int) -> None:
    """Somebody takes many tickets at once, and sends each as soon as it is admitted."""
    attacker = Visitor(script, kind=kind, address=ATTACKER)
    forms = [attacker.form(attacker.get(), text=f"https://example.org/{n}") for n in range(many)]
    for form in forms:
        with clock.simulate(clock.now() + timedelta(seconds=320)):
            assert attacker.client.post(f"/en/{kind}/", form, **attacker.headers).status_code in (200, 303)


def reserve_rows(hotline: Actor) -> list[inbox.Row]:
    return inbox.list_conversations(hotline, inbox.RESERVE)[0]


# Proofs for which the door was closed before; the short form sends what the reserve begins with.
PROOFS = 600 if LONG else 121


@pytest.mark.usefixtures("early_in_an_hour")
@pytest.mark.parametrize("attacker_has_script", [False, True], ids=["120 posts without work", "600 proofs"])
def test_a_child_sends_by_the_door_of_danger_after_an_attack(hotline: Actor, attacker_has_script: bool) -> None:
    before = TakedownCase.objects.filter(urgent=True)
    attack(URGENT_REPORT.code, script=attacker_has_script, many=PROOFS if attacker_has_script else 121)
    with acting(hotline):
        opened = before.count()
    numbers = []
    for script in (True, False):
        child = Visitor(script, kind=URGENT_REPORT.code, address=CHILD)
        form = child.form(child.get(), text="He is at the door.")
        given = ticket.read(form["ticket"], f"{URGENT_REPORT.code}.write")
        assert given.work.seconds <= 40, "who is in danger does not wait long"
        child.waited = timedelta(seconds=20)
        numbers.append(told(child.post("", form))[0])
    rows = reserve_rows(hotline)
    assert {one.number for one in rows[: 2 + work.TICKETS.limit]} >= set(numbers), "before the attacker's later ones"
    first = inbox.read(hotline, next(one.id for one in rows if one.number == numbers[0]))
    assert first.entries[0].text == "He is at the door."
    public_report.read_messages(hotline)
    for _ in range(2):
        escalation.raise_again(hotline, (reserve.ALERT,))
    with acting(hotline):
        groups = list(alerts.RESERVE.pending())
        assert sum(one.alerts for one in groups) == len(groups) <= 2, "one alert an hour for the group"
        assert before.count() - opened <= work.ADMITTED.limit, "nothing of the reserve is opened by itself"


@pytest.mark.usefixtures("early_in_an_hour")
def test_one_client_closes_no_other_form_either(hotline: Actor) -> None:
    attack(REPORT.code, script=False, many=130)
    for script in (True, False):
        person = Visitor(script, kind=REPORT.code, address=CHILD)
        person.waited = timedelta(seconds=320)
        assert told(person.writes("https://example.org/page"))


def test_reading_an_answer_is_never_closed(hotline: Actor) -> None:
    child = Visitor(kind=URGENT_REPORT.code, address=CHILD)
    number, words = told(child.writes("Help."))
    work.ADMITTED.take(f"{URGENT_REPORT.code}.enter", 100_000)
    work.ADMITTED.take(f"{URGENT_REPORT.code}.follow_up", 100_000)
    shown = child.enters(number, words)
    assert "Help." in shown.content.decode()
    assert "I am at school." in child.adds(shown, "I am at school.").content.decode()


def test_one_block_of_addresses_cannot_fill_the_reserve(hotline: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserve, "MOST", 6)
    monkeypatch.setattr(reserve, "FOR_FEW", 2)
    work.ADMITTED.take(f"{URGENT_REPORT.code}.write", work.ADMITTED.limit)
    # Beyond the few tickets of a person, in this hour.
    attacker = Visitor(kind=URGENT_REPORT.code, address=ATTACKER)
    for _ in range(work.TICKETS.limit):
        attacker.get()
    sent = [attacker.writes(f"Number {n}").status_code for n in range(6)]
    assert sent == [200, 200, 200, 200, 429, 429]
    child = Visitor(kind=URGENT_REPORT.code, address=CHILD)
    assert told(child.writes("He is at the door."))
    assert told(child.writes("He has gone."))
    with acting(hotline), pytest.raises(Later):
        reserve.require_room(URGENT_REPORT.code, work.FEW)


def test_messages_of_danger_are_first_in_the_reserve(hotline: Actor) -> None:
    for kind in (REPORT.code, URGENT_REPORT.code):
        work.ADMITTED.take(f"{kind}.write", work.ADMITTED.limit)
        told(Visitor(kind=kind, address=CHILD).writes("Help."))
    assert [one.kind for one in reserve_rows(hotline)] == [URGENT_REPORT.code, REPORT.code]


def test_the_alert_of_the_reserve_is_answered_at_the_desk_and_the_reserve_empties(cast: Cast, hotline: Actor) -> None:
    work.ADMITTED.take(f"{URGENT_REPORT.code}.write", work.ADMITTED.limit)
    number, _words = told(Visitor(kind=URGENT_REPORT.code, address=CHILD).writes("He is at the door."))
    escalation.raise_again(hotline, (reserve.ALERT,))
    client = cast.client(hotline, "analyst")
    page = client.get("/desk/conversations/?state=reserve").content.decode()
    assert number in page
    assert "Messages of danger since" in page
    assert "Anonymous messages in the reserve" in client.get("/desk/").content.decode()
    assert number not in client.get("/desk/conversations/").content.decode()
    with acting(hotline):
        (group,) = [one.subject_id for one in alerts.RESERVE.pending() if one.unanswered]
    assert client.post(f"/desk/conversations/reserve/{group}/alert/").status_code == 302
    assert client.post(f"/desk/conversations/reserve/{UUID(int=1)}/alert/").status_code == 404
    with acting(hotline):
        assert not [one for one in alerts.RESERVE.pending() if one.unanswered]
        assert Alert.objects.filter(subject_id=group).count() == 1
    (row,) = [one for one in reserve_rows(hotline) if one.number == number]
    inbox.answer(hotline, row.id, "Where are you?", 1)
    assert number not in [one.number for one in reserve_rows(hotline)]
    assert number in client.get("/desk/conversations/?state=answered").content.decode()


def test_a_stranger_and_another_organisation_answer_no_alert_of_the_reserve(cast: Cast, hotline: Actor) -> None:
    place = f"/desk/conversations/reserve/{UUID(int=1)}/alert/"
    assert Visitor().client.post(place).status_code in (302, 401, 403)
    assert cast.client(cast.pixelpost, "analyst").post(place).status_code in (403, 404)


def test_no_address_is_known_and_the_form_works(hotline: Actor) -> None:
    for address in ("", "10.0.0.1", "unix:", "fe80::1%eth0"):
        visitor = Visitor(kind=URGENT_REPORT.code, address=address)
        form = visitor.form(visitor.get(), text="Help.")
        assert ticket.read(form["ticket"], f"{URGENT_REPORT.code}.write").work.rank == work.UNKNOWN_IN_RESERVE
        assert told(visitor.post("", form))


def test_a_proof_of_too_few_bits_is_refused(hotline: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "BITS", 8)
    given = ticket.issue("message.write", rank=2)
    assert given.work.bits == 10
    easy = next(str(n) for n in range(1000) if not proof_of_work._fits(given.nonce, str(n), given.work.bits))
    with pytest.raises(Exception, match="proof of work"):
        proof_of_work.verify(given, easy)
