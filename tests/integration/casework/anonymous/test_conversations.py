"""Anonymous conversations: a message, a case number, an answer; and what nobody learns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from tests.support.anonymous import Visitor, told
from tests.support.cast import Cast
from tutela import clock
from tutela.casework.anonymous import (
    conversations,
    inbox,
    kinds,
    passphrase,
    proof_of_work,
    reserve,
    retention,
    ticket,
    work,
)
from tutela.casework.anonymous.errors import AlreadyClosed, EmptyMessage, EntryAdded, FormExpired
from tutela.casework.anonymous.kinds import NODE_MESSAGE, ConversationKind
from tutela.casework.models import Conversation, ConversationEntry, SpentTicket
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, NotFound
from tutela.events.models import Event, EventFacts
from tutela.events.rate_limits import RateLimit
from tutela.events.transaction import acting
from tutela.law import retention as law_retention
from tutela.organisations.people import directory


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    yield
    for form in ("write", "enter", "follow_up"):
        work.ADMITTED.forget(f"{kinds.NODE_MESSAGE.code}.{form}")


@pytest.fixture
def staff(cast: Cast) -> Actor:
    """A person of the organisation with which the node began, in a role that reads and answers."""
    assert cast.centre
    founder = directory.founder()
    assert founder is not None
    permissions = frozenset({inbox.READ, inbox.ANSWER, "organisation.read"})
    return directory.acting_for(founder, f"person:{uuid4()}", "Robin", permissions)


def waiting(staff: Actor, number: str) -> inbox.Row:
    rows, _more = inbox.list_conversations(staff, "waiting")
    return next(one for one in rows if one.number == number)


@pytest.mark.parametrize("script", [True, False])
def test_a_message_is_answered_and_continued_with_and_without_a_script(staff: Actor, script: bool) -> None:
    visitor = Visitor(script)
    number, words = told(visitor.writes("I saw something at school.\nWhat can I do?"))
    row = waiting(staff, number)
    found = inbox.read(staff, row.id)
    assert [one.text for one in found.entries] == ["I saw something at school.\nWhat can I do?"]
    inbox.answer(staff, row.id, "Thank you. Where was it?", found.seen)
    shown = visitor.enters(number, words.upper())
    assert shown.status_code == (200 if script else 203), "a page that is shown once is not kept for the back button"
    assert "Thank you. Where was it?" in shown.content.decode()
    assert "Robin" not in shown.content.decode()
    assert "In the library." in visitor.adds(shown, "In the library.").content.decode()
    assert [one.text for one in inbox.read(staff, row.id).entries][2:] == ["In the library."]


def test_a_wrong_passphrase_an_unknown_case_and_a_closed_case_are_the_same(
    staff: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor()
    number, words = told(visitor.writes("A message"))
    closed, closed_words = told(visitor.writes("Another message"))
    row = waiting(staff, closed)
    inbox.close(staff, row.id, inbox.read(staff, row.id).seen)
    hashes: list[str] = []
    check = passphrase.check_password
    monkeypatch.setattr(
        passphrase, "check_password", lambda said, stored: hashes.append(stored.split("$")[0]) or check(said, stored)
    )
    wrong = " ".join(reversed(words.split()))
    tried = [
        (number, wrong),
        ("M-2222-2222-2", words),
        ("", ""),
        ("\x01\u202e" * 30, "x" * 5000),
        (closed, closed_words),
    ]
    pages = [visitor.enters(*one) for one in tried]
    assert {page.status_code for page in pages} == {422}
    errors = {str(page.content.decode().split('role="alert">')[1].split("<")[0]) for page in pages}
    assert errors == {"The case number and the passphrase do not belong to an open case. Check both and try again."}
    assert len(hashes) == len(tried), "one slow hash each"
    assert len(set(hashes)) == 1


def test_a_form_that_is_sent_twice_opens_one_conversation(staff: Actor) -> None:
    visitor = Visitor()
    form = visitor.form(visitor.get(), text="Only once")
    first, second = told(visitor.post("", form)), told(visitor.post("", form))
    assert first == second
    assert inbox.read(staff, waiting(staff, first[0]).id).seen == 1
    other = visitor.post("", {**form, "text": "Something else"})
    assert other.status_code == 422
    assert "Something else" in other.content.decode(), "what was typed is kept"


def test_two_clicks_at_once_open_one_conversation(staff: Actor) -> None:
    visitor, found = Visitor(), list[tuple[str, str]]()
    form = visitor.form(visitor.get(), text="At once")

    def click() -> None:
        try:
            found.append(told(Visitor().post("", form)))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 2
    assert found[0] == found[1]
    with acting(staff):
        assert Conversation.objects.filter(number=found[0][0]).count() == 1


def test_a_further_message_that_is_sent_twice_is_added_once(staff: Actor) -> None:
    visitor = Visitor()
    number, words = told(visitor.writes("First"))
    form = visitor.form(visitor.enters(number, words), text="Second")
    assert visitor.post("answers/add/", form).status_code == 200
    assert visitor.post("answers/add/", form).status_code == 200
    assert inbox.read(staff, waiting(staff, number).id).seen == 2


def test_a_form_without_a_proof_waits_and_keeps_what_was_typed() -> None:
    visitor = Visitor(script=False)
    form = visitor.form(visitor.get(), text="In a hurry")
    early = visitor.client.post("/en/message/", form, follow=True)
    assert early.status_code == 422
    assert "Seconds to wait: 2" in early.content.decode()
    assert "In a hurry" in early.content.decode()
    again = visitor.form(early, text="In a hurry")
    assert again["ticket"] == form["ticket"], "who comes early need not wait from the beginning"
    assert told(visitor.post("", again)), "the same form is taken once it is old enough"


def test_a_proof_is_taken_once() -> None:
    visitor = Visitor()
    form = visitor.form(visitor.get("answers/"), number="M-2222-2222-2", passphrase="acid acorn")
    assert "do not belong" in visitor.post("answers/", form).content.decode()
    again = visitor.post("answers/", form).content.decode()
    assert "sent already" in again
    assert visitor.post("answers/", {**form, "proof": "1"}).status_code == 422
    assert visitor.post("", {**form, "text": "Of another form"}).status_code == 422


def test_spent_tickets_are_forgotten_and_say_no_exact_time() -> None:
    visitor = Visitor()
    visitor.writes("A message")
    assert not SpentTicket.objects.exclude(expires_at__minute=0, expires_at__second=0).exists()
    with clock.simulate(clock.now() + timedelta(hours=4)), transaction.atomic():
        assert ticket.spend(ticket.issue("message.write"))
        assert not SpentTicket.objects.filter(expires_at__lt=clock.now()).exists()


@pytest.mark.parametrize("script", [True, False])
def test_a_full_reserve_says_that_nothing_was_stored_and_names_112_first(
    script: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "ADMITTED", RateLimit(f"test.{uuid4().hex[:8]}", timedelta(hours=1), 1))
    monkeypatch.setattr(reserve, "MOST", 0)
    visitor = Visitor(script)
    assert told(visitor.writes("The first"))
    for _ in range(2):
        visitor.waited += timedelta(seconds=20)
        page = visitor.writes("The second")
        assert page.status_code == 429
        assert page["Retry-After"] == "3600"
        text = page.content.decode()
        assert "The second" in text, "nothing typed is lost"
        assert text.index("call 112") < text.index("Nothing was stored")
    with clock.simulate(clock.now() + timedelta(hours=2)):
        assert told(visitor.writes("The second"))


def test_a_form_that_is_sent_again_costs_no_slow_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    given = ticket.issue("message.write")
    proof = proof_of_work.solve(given.nonce)
    first = conversations.open_conversation(kinds.NODE_MESSAGE, given, proof, "A message", "en")
    monkeypatch.setattr(passphrase, "verifier", None)
    assert conversations.open_conversation(kinds.NODE_MESSAGE, given, "", "A message", "en") == first
    with pytest.raises(FormExpired):
        conversations.open_conversation(kinds.NODE_MESSAGE, given, "", "Another message", "en")


def test_nothing_but_the_hour_is_stored(staff: Actor) -> None:
    number, _words = told(Visitor().writes("A message"))
    row = waiting(staff, number)
    with acting(staff):
        created = Conversation.objects.get(pk=row.id).created_at
        event = Event.objects.get(kind="conversation.opened", subject_id=str(row.id))
        facts = EventFacts.objects.get(event=event).facts
        entry = ConversationEntry.objects.get(conversation_id=row.id)
    ids = (row.id, entry.pk)
    assert (event.pk.int >> 80) % 3_600_000 == 0
    assert all((one.minute, one.second, one.microsecond) == (0, 0, 0) for one in (created, event.at, entry.created_at))
    assert {one.version for one in ids} == {4}, "no ID has a time in it"
    assert facts == "{}"
    assert event.actor == "public:anonymous"
    assert b"A message" not in bytes(entry.sealed)


def test_another_organisation_and_a_person_without_the_permission_see_nothing(cast: Cast, staff: Actor) -> None:
    number, _words = told(Visitor().writes("Not for others"))
    row = waiting(staff, number)
    stranger = cast.actor(cast.hotline_ie, "analyst")
    assert stranger.can(inbox.READ)
    assert inbox.list_conversations(stranger, "waiting")[0] == []
    for attempt in (
        lambda: inbox.read(stranger, row.id),
        lambda: inbox.answer(stranger, row.id, "Hello", 1),
        lambda: inbox.close(stranger, row.id, 1),
    ):
        with pytest.raises(NotFound):
            attempt()
    reader = directory.acting_for(directory.entry(staff.organisation_id), "person:x", "X", frozenset({inbox.READ}))
    with pytest.raises(Forbidden):
        inbox.answer(reader, row.id, "Hello", 1)
    with acting(stranger):
        assert Conversation.objects.filter(pk=row.id).count() == 0, "the database hides the row too"
    with pytest.raises(DatabaseError), acting(stranger):
        ConversationEntry.objects.create(
            organisation_id=staff.organisation_id, conversation_id=row.id, position=9, direction="staff"
        )


def test_two_people_do_not_answer_past_each_other(staff: Actor) -> None:
    visitor = Visitor()
    number, words = told(visitor.writes("A message"))
    row = waiting(staff, number)
    inbox.answer(staff, row.id, "One", 1)
    with pytest.raises(EntryAdded):
        inbox.answer(staff, row.id, "One", 1)
    with pytest.raises(EntryAdded):
        inbox.close(staff, row.id, 1)
    with pytest.raises(EmptyMessage):
        inbox.answer(staff, row.id, " \x07\n", 2)
    shown = visitor.enters(number, words)
    inbox.close(staff, row.id, 2)
    with pytest.raises(AlreadyClosed):
        inbox.answer(staff, row.id, "Too late", 3)
    assert visitor.adds(shown, "After the end").status_code == 422


def test_a_conversation_without_a_new_entry_is_erased_whole(staff: Actor) -> None:
    visitor = Visitor()
    number, words = told(visitor.writes("A message"))
    row = waiting(staff, number)
    days = law_retention.RULES[conversations.RULE].days
    with clock.simulate(clock.now() + timedelta(days=days - 1)), acting(staff):
        assert not list(retention.erase_idle(staff, clock.now() - timedelta(days=days)))
    with clock.simulate(clock.now() + timedelta(days=days, hours=1)):
        with acting(staff):
            erased = list(retention.erase_idle(staff, clock.now() - timedelta(days=days)))
        assert ("conversation", str(row.id)) in erased
        with acting(staff):
            assert not ConversationEntry.objects.filter(conversation_id=row.id).exists()
        assert visitor.enters(number, words).status_code == 422


def test_control_characters_are_dropped_and_length_is_limited(staff: Actor) -> None:
    visitor = Visitor()
    number, _words = told(visitor.writes("a\x07b\r\nc\u202e"))
    assert inbox.read(staff, waiting(staff, number).id).entries[0].text == "ab\nc\u202e"
    assert visitor.writes("x" * (conversations.MOST_CHARACTERS + 1)).status_code == 422
    assert visitor.writes("   ").status_code == 422
    assert visitor.writes("a\x00b").status_code in (400, 200)


def test_another_domain_registers_a_kind_and_hears_of_each_message(cast: Cast) -> None:
    heard: list[tuple[str, object, str]] = []
    code = f"k{uuid4().hex[:8]}"
    kind = ConversationKind(
        code,
        "Complaint",
        "Write",
        lambda: directory.entry(cast.hotline_ie.organisation_id),
        lambda actor, pk, text: heard.append((actor.reference, pk, text)),
    )
    kinds.register(kind)
    with pytest.raises(ValueError, match=code):
        kinds.register(ConversationKind(code, "Other", "Other", directory.founder))
    given = ticket.issue(f"{code}.write")
    with clock.simulate(clock.now() + timedelta(seconds=21)):
        opened = conversations.open_conversation(kinds.kind_of(code), given, "", "A complaint", "en")
    analyst = cast.actor(cast.hotline_ie, "analyst")
    row = waiting(analyst, opened.number)
    assert heard == [("public:anonymous", row.id, "A complaint")]
    with pytest.raises(NotFound):
        kinds.kind_of("none")
    assert kinds.kind_of("message") is NODE_MESSAGE
