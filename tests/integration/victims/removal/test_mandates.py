"""Mandates against those who no longer have one, and against a representative who wants to be the person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support.anonymous import told
from tests.support.cast import Cast
from tests.support.removal_world import Person, Removal, digests, forget_limits
from tutela import clock
from tutela.casework.anonymous import conversations, proof_of_work, ticket
from tutela.casework.models import Conversation
from tutela.events.transaction import acting
from tutela.victims import public_form
from tutela.victims.case_work import closing_letter, end_mandates, work_queue
from tutela.victims.errors import AccessGiven
from tutela.victims.models import AccessRole, RequestAccess
from tutela.victims.removal.mandates import RemovalMandateInput

LAST_DAY = timedelta(days=60)


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def mandate(kind: str) -> RemovalMandateInput:
    return RemovalMandateInput(kind, clock.now().date() + LAST_DAY, "Power of attorney, 12 May")


def writes(person: Person, text: str) -> None:
    """A further message, on the page of the case."""
    visitor = person.visitor()
    shown = visitor.enters(person.number, person.passphrase)
    page = shown.content.decode()
    begin = page.index("answers/add/")
    shown.content = page[begin : page.index("</form>", begin)].encode()
    assert visitor.adds(shown, text).status_code == 200


def submitted(form: str) -> tuple[ticket.Ticket, str]:
    """A form as a page gives it, solved."""
    given = ticket.issue(form)
    return given, proof_of_work.solve(given.nonce)


def test_a_mandate_of_somebody_else_gives_an_earlier_representative_nothing_back(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    request = world.request(mother)
    end_mandates.add(world.analyst, request, mandate("lawyer"))
    page = mother.page()
    assert "your mandate has ended" in page
    assert "answers/pause/" not in page
    writes(mother, f"sha256 {digests()['sha256']}\nhttps://host.example.org/added")
    world.read()
    full = work_queue.load(world.analyst, request)
    assert (len(full.files), len(full.addresses)) == (1, 0)
    assert mother.submit("withdraw").status_code == 200
    assert world.row(request).stage == "new", "the lawyer's mandate goes on"
    assert len(work_queue.load(world.analyst, request).counting) == 1
    assert closing_letter.close(world.analyst, request) is False, "nobody who may not read it gets the letter"


def test_a_longer_mandate_of_the_same_representative_goes_on(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    end_mandates.add(world.analyst, world.request(mother), mandate("trusted_adult"))
    assert "You act for somebody until" in mother.page()


def test_after_a_mandate_was_ended_a_new_one_is_of_somebody_else(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    request = world.request(mother)
    end_mandates.by_staff(world.analyst, request, work_queue.load(world.analyst, request).counting[0].pk)
    end_mandates.add(world.analyst, request, mandate("trusted_adult"))
    assert "your mandate has ended" in mother.page()


def test_whose_mandate_was_ended_cannot_withdraw_the_request(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    request = world.request(mother)
    end_mandates.by_staff(world.analyst, request, work_queue.load(world.analyst, request).counting[0].pk)
    assert mother.submit("withdraw").status_code == 200, "what she wrote is erased"
    row = world.row(request)
    assert (row.stage, row.erased_at) == ("paused", None)


def test_whose_mandate_has_ended_cannot_open_a_closed_request_again(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    request = world.request(mother)
    closing_letter.close(world.analyst, request)
    with clock.simulate(clock.now() + timedelta(days=40)):
        end_mandates.expire(world.support)
        writes(mother, "Please look again.")
        world.read()
    assert world.row(request).stage == "closed"


@pytest.mark.parametrize("place", ["contact", "mandates", "resume", "pause"])
def test_the_page_of_another_kind_makes_a_representative_no_person(world: Removal, place: str) -> None:
    """Before the job has read the first message there is no request, and the address names the kind."""
    said = world.sends(digests(), acts_for="lawyer")
    kind = public_form.REMOVAL
    given, proof = submitted(f"removal.{place}")
    typed = {"ticket": given.text, "proof": proof, "reader": said["reader"], "contact": "none"}
    mother = Person(said["number"], said["passphrase"], said["reader"], kind.code)
    assert mother.visitor().post(f"answers/{place}/", typed).status_code in (200, 403, 409, 422)
    world.read()
    request = world.request(mother)
    with acting(world.support):
        roles = set(RequestAccess.objects.filter(request=request).values_list("role", flat=True))
    assert roles == {AccessRole.REPRESENTATIVE}
    assert world.row(request).acts_for == "lawyer"


def test_a_conversation_that_nobody_linked_opens_no_request(world: Removal) -> None:
    visitor = Person("", "", "", public_form.OWN.code).visitor()
    number, words = told(visitor.writes("Access of the person in the pictures."))
    stranger = Person(number, words, "", public_form.OWN.code)
    page = stranger.page()
    assert "no progress to show" in page
    reader = page[page.index('name="reader" value="') :].split('"')[3]
    given, proof = submitted("removal.pause")
    typed = {"ticket": given.text, "proof": proof, "reader": reader}
    assert stranger.visitor().post("answers/pause/", typed).status_code == 422
    with acting(world.support):
        conversation = Conversation.objects.get(number=number)
        assert not RequestAccess.objects.filter(conversation_id=conversation.pk).exists()


def test_access_of_the_person_is_opened_once_however_fast_it_is_asked_for(
    world: Removal, monkeypatch: pytest.MonkeyPatch
) -> None:
    mother = world.asks(acts_for="trusted_adult")
    first, second = submitted("removal.access"), submitted("removal.access")
    real, opened = conversations.open_conversation, list[Any]()

    def slowly(*given: Any) -> Any:
        """The second form is answered between the check of the first one and its opening."""
        if not opened:
            opened.append(None)
            opened[0] = public_form.open_own_access(*second, mother.reader, "en")
        return real(*given)

    monkeypatch.setattr(conversations, "open_conversation", slowly)
    with pytest.raises(AccessGiven):
        public_form.open_own_access(*first, mother.reader, "en")
    request = world.request(mother)
    with acting(world.support):
        assert RequestAccess.objects.filter(request=request, role=AccessRole.PERSON).count() == 1
    again = public_form.open_own_access(*second, mother.reader, "en")
    assert (again.number, again.passphrase) == (opened[0].number, opened[0].passphrase)


def test_a_new_mandate_does_not_resume_what_the_person_paused(world: Removal) -> None:
    mother = world.asks(acts_for="trusted_adult")
    assert mother.submit("pause").status_code == 200
    request = world.request(mother)
    analyst = world.cast.client(world.support, "analyst")
    said = {"kind": "lawyer", "last_day": str(clock.now().date()), "document": "A letter", "may_add": "on"}
    page = analyst.post(f"/desk/removals/{request}/mandate/", said, follow=True).content.decode()
    assert "The mandate is recorded." in page
    assert "Record mandate" in page, "also while it is paused"
    assert world.row(request).stage == "paused"
