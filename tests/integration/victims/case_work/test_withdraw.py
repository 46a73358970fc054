"""Pause, withdrawal, mandates and the closing letter: everything unwinds, and the person's word beats a mandate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.support.anonymous import Visitor, told
from tests.support.cast import Cast
from tests.support.removal_world import Person, Removal, digests, forget_limits
from tutela import clock
from tutela.casework.models import Conversation, ConversationEntry
from tutela.casework.public_languages import catalogue
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.victims import public_form, retention
from tutela.victims.case_work import closing_letter, end_mandates, withdraw, work_queue
from tutela.victims.errors import NoMandate, RequestEnded, RequestPaused
from tutela.victims.hosts import send
from tutela.victims.models import Fingerprint, RemovalMandate, RequestStep
from tutela.victims.removal import contact, mandates
from tutela.victims.removal.contact import SafeContact
from tutela.victims.removal.mandates import RemovalMandateInput


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def own_access(world: Removal, mother: Person) -> Person:
    """The access of the person in the pictures, as the mother's page shows it once."""
    number, words = told(mother.submit("own-access"))
    world.read()
    return Person(number, words, "", public_form.REMOVAL.code)


def test_a_pause_and_a_withdrawal_tell_every_host_and_erase_everything(world: Removal) -> None:
    made = digests()
    person = world.asks(made)
    request = world.request(person)
    world.accept("pdq")
    world.send(request)
    assert person.submit("pause").status_code == 200
    world.post()
    assert [one.state for one in world.requested()] == ["withdrawn"]
    assert world.row(request).stage == "paused"
    assert [state for *_rest, state in world.states(request)] == ["paused"]
    with pytest.raises(RequestPaused):
        world.send(request)
    assert person.submit("resume").status_code == 200
    world.post()
    assert [one.state for one in world.requested()] == ["active"]
    page = person.submit("withdraw").content.decode()
    assert "no longer work" in page
    world.post()
    assert [one.state for one in world.requested()] == ["withdrawn"]
    assert [state for *_rest, state in world.states(request)] == ["deleted"], "the host confirmed it"
    row = world.row(request)
    assert (row.stage, row.erased_at is not None) == ("withdrawn", True)
    with acting(world.support):
        assert not any(bytes(one.sealed) for one in Fingerprint.objects.filter(request=request))
        assert not Conversation.objects.filter(number=person.number).exists()
    with pytest.raises(RequestEnded):
        world.send(request)


def test_a_mother_acts_and_the_child_withdraws(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    request = world.request(mother)
    world.accept("pdq")
    world.send(request)
    assert world.row(request).acts_for == "trusted_adult"
    child = own_access(world, mother)
    assert "Pictures" not in child.page()
    assert "Progress" in child.page()
    assert mother.submit("pause").status_code == 200, "the mandate covers a pause"
    assert child.submit("resume").status_code == 200
    assert child.submit("withdraw").status_code == 200
    world.post()
    assert world.row(request).stage == "withdrawn"
    assert [one.state for one in world.requested()] == ["withdrawn"]
    page = mother.page()
    assert "This request has ended." in page
    assert "withdrew" not in page, "nobody is named"
    assert "sha256" not in page


def test_a_representative_gives_the_mandate_back_and_the_childs_request_goes_on(world: Removal) -> None:
    mother = world.asks(acts_for="lawyer")
    request = world.request(mother)
    child = own_access(world, mother)
    assert mother.submit("withdraw").status_code == 200
    assert world.row(request).stage == "new"
    assert "Progress" in child.page()
    with acting(world.support):
        assert mandates.counting(world.row(request)) == []


def test_access_is_given_once_and_the_same_form_shows_it_again(world: Removal) -> None:
    mother = world.asks(acts_for="ngo")
    visitor = mother.visitor()
    page = visitor.enters(mother.number, mother.passphrase).content.decode()
    assert "own-access" in page
    own_access(world, mother)
    assert "own-access" not in mother.page()


def test_the_child_ends_a_mandate_and_the_representative_reads_no_more(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    request = world.request(mother)
    child = own_access(world, mother)
    assert child.submit("mandates").status_code == 200
    assert "your mandate has ended" in mother.page()
    visitor = mother.visitor()
    shown = visitor.enters(mother.number, mother.passphrase)
    assert "answers/pause/" not in shown.content.decode()
    with acting(world.support), pytest.raises(NoMandate):
        mandates.require(world.row(request), "represents", "may_pause")
    assert "Progress" in child.page()


def test_a_mandate_ends_by_its_last_day_and_pauses_what_only_it_carried(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    request = world.request(mother)
    with clock.simulate(clock.now() + timedelta(days=40)):
        assert end_mandates.expire(world.support) >= 1
    assert world.row(request).stage == "paused"
    given = RemovalMandateInput("lawyer", clock.now().date() + timedelta(days=90), "Power of attorney, 12 May")
    end_mandates.add(world.analyst, request, given)
    assert world.row(request).stage == "new", "another mandate carries it on"
    for changed in ({"kind": "self"}, {"document": ""}, {"last_day": clock.now().date() - timedelta(days=1)}):
        with pytest.raises(Invalid):
            end_mandates.add(world.analyst, request, RemovalMandateInput(**{**vars(given), **changed}))  # type: ignore[arg-type]
    full = work_queue.load(world.analyst, request)
    assert [one.document for one in full.mandates] == ["", "Power of attorney, 12 May"]
    with acting(world.support):
        row = RemovalMandate.objects.filter(request=request).last()
        assert row
        assert "attorney" not in row.document, "sealed"
    end_mandates.by_staff(world.analyst, request, full.counting[0].pk)
    assert work_queue.load(world.analyst, request).counting == []


def test_nobody_is_contacted_unless_the_person_chose_it(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    request = world.request(mother)
    assert "answers/contact/" not in mother.page(), "a representative cannot choose"
    child = own_access(world, mother)
    with pytest.raises(Invalid):
        contact.note(world.analyst, request, "Called.", reached=True)
    assert child.submit("contact", contact="phone", where="", when="").status_code == 422
    assert child.submit("contact", contact="phone", where="channel-token", when="time-token").status_code == 200
    full = work_queue.load(world.analyst, request)
    assert full.contact == SafeContact("phone", "channel-token", "time-token")
    assert "channel-token" not in mother.page()
    contact.note(world.analyst, request, "By the safe channel at the safe time.", reached=False)
    with acting(world.support):
        kinds = list(RequestStep.objects.filter(request=request).values_list("kind", flat=True))
    assert "not_contacted" in kinds
    assert child.submit("contact", contact="none", where="channel-token", when="").status_code == 200
    assert work_queue.load(world.analyst, request).contact == SafeContact()


def test_a_hold_keeps_the_contents_and_the_hosts_stop_all_the_same(world: Removal) -> None:
    request = world.request(world.asks())
    world.accept("pdq")
    world.send(request)
    asked_by, until = world.hotline.machine.organisation_id, clock.now() + timedelta(days=30)
    held = holds.place(world.support, "removal_request", request, asked_by=asked_by, reason="AZ 1", until=until)
    withdraw.by_staff(world.analyst, request, "The person called.")
    world.post()
    assert [one.state for one in world.requested()] == ["withdrawn"]
    assert world.row(request).erased_at is None
    with acting(world.support):
        assert list(retention.erase_withdrawn(world.support, clock.now())) == []
    holds.lift(world.support, held)
    with acting(world.support):
        assert ("removal_request", str(request)) in list(retention.erase_withdrawn(world.support, clock.now()))
    assert world.row(request).erased_at is not None


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_closing_letter_says_what_was_done_and_a_message_opens_the_request_again(
    world: Removal, language: str
) -> None:
    person = world.asks(digests(), digests(), language=language)
    request = world.request(person)
    world.accept("pdq")
    world.send(request)
    found = world.uploaded(world.requested()[0], "album/1")
    assert found
    world.decided(found, "removed")
    assert closing_letter.close(world.analyst, request)
    page, texts = person.page(), catalogue.language(language).texts
    for said in ("l_hosts", "l_removed"):
        assert texts[said].text.format(count=1) in page
    assert texts["l_on"].text in page
    assert world.row(request).stage == "closed"
    with pytest.raises(RequestEnded):
        closing_letter.close(world.analyst, request)
    visitor = person.visitor()
    shown = visitor.enters(person.number, person.passphrase)
    form = shown.content.decode()
    begin = form.index("answers/add/")
    shown.content = form[begin : form.index("</form>", begin)].encode()
    assert visitor.adds(shown, "It came back at https://host.example.org/again").status_code == 200
    world.read()
    assert world.row(request).stage == "new"
    assert len(work_queue.load(world.analyst, request).addresses) == 1


def test_a_closed_request_is_erased_once_no_host_looks_any_more(world: Removal) -> None:
    request = world.request(world.asks())
    world.accept("pdq", days=30)
    world.send(request)
    closing_letter.close(world.analyst, request)
    with acting(world.support):
        assert ("removal_request", str(request)) not in list(retention.erase_closed(world.support, clock.now()))
    later = clock.now() + timedelta(days=31)
    with clock.simulate(later):
        send.expire(world.support)
        with acting(world.support):
            assert ("removal_request", str(request)) in list(retention.erase_closed(world.support, later))
    assert world.row(request).erased_at is not None
    full = work_queue.load(world.analyst, request)
    assert [one.types for one in full.files] == [""]
    assert full.steps


def test_the_messages_of_a_representative_go_with_the_withdrawal(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    child = own_access(world, mother)
    child.submit("withdraw")
    with acting(world.support):
        row = Conversation.objects.get(number=mother.number)
        assert ConversationEntry.objects.filter(conversation=row).count() == 1


def test_an_anonymous_visitor_cannot_pause_without_the_case(world: Removal) -> None:
    visitor = Visitor(kind="remove-pictures")
    for place in ("pause", "resume", "contact", "mandates", "own-access"):
        assert visitor.get(f"answers/{place}/").status_code == 302
        assert visitor.post(f"answers/{place}/", {"reader": "forged", "ticket": "forged"}).status_code == 422
    assert Visitor(kind="message").get("answers/pause/").status_code == 404
