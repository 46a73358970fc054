"""Future sightings: who chose it is told, nobody else is, and a hold keeps every notice back."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.support_world import DAY, Person, Support, case_of, forget_limits, in_days
from tutela import clock
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.victims import errors, support_cases
from tutela.victims.information import answers, authority_holds, identity, intake, items, sightings, work_queue
from tutela.victims.information.items import FactInput
from tutela.victims.models import InformationRequest

NOTICE = "a picture of you was seen again"


@pytest.fixture
def world(cast: Cast) -> Iterator[Support]:
    yield Support(cast, public=True)
    forget_limits()


def asked(world: Support, choice: str, kind: str = "ask-about-pictures") -> tuple[Person, UUID]:
    """An answered request with an own item, whose person made a choice."""
    person = world.writes(kind, "sha256 " + "ab" * 32)
    request = case_of(InformationRequest, world, person)
    identity.check(world.analyst, request, "proof_in_person", proved=True)
    items.add(world.analyst, request, f"sha256 {'ab' * 32}\nsha256 {'cd' * 32}")
    items.decide_own(world.analyst, request, 1, own=True)
    items.decide_own(world.analyst, request, 2, own=False)
    answers.give_neutral(world.analyst, request, "Nothing is known yet.")
    chooses(world, request, choice)
    return person, request


def chooses(world: Support, request: UUID, choice: str) -> None:
    with acting(world.support):
        row = InformationRequest.objects.select_for_update().get(pk=request)
        intake.choose_notify(world.support, row, choice, hourly=True)


def seen(world: Support, request: UUID, place: int = 1) -> None:
    sightings.add(world.analyst, request, FactInput(place, "Pixelpost", in_days(-1), "Garda", "yes"))


def notices(person: Person) -> int:
    return person.page().count(NOTICE)


def test_who_chose_to_be_told_gets_a_notice_without_facts_for_each_sighting(world: Support) -> None:
    person, request = asked(world, "notify")
    assert notices(person) == 0
    seen(world, request)
    assert notices(person) == 1
    assert "Pixelpost" not in person.page()
    seen(world, request)
    assert sightings.tell_waiting(world.support) == 0, "everything is told"
    assert notices(person) == 2


@pytest.mark.parametrize("choice", ["never", "undecided"])
def test_nobody_else_is_ever_told(world: Support, choice: str) -> None:
    person, request = asked(world, choice)
    before = person.page().count("<time")
    seen(world, request)
    assert sightings.tell_waiting(world.support) == 0
    assert notices(person) == 0
    assert person.page().count("<time") == before
    assert "item seen again" in [one.get_kind_display() for one in work_queue.load(world.analyst, request).steps]


def test_who_chooses_never_after_a_notice_gets_no_other(world: Support) -> None:
    person, request = asked(world, "notify")
    seen(world, request)
    chooses(world, request, "never")
    seen(world, request)
    assert sightings.tell_waiting(world.support) == 0
    assert notices(person) == 1


def test_a_hold_keeps_a_notice_back_until_it_ends(world: Support) -> None:
    person, request = asked(world, "notify")
    authority_holds.place(world.analyst, request, world.authority.organisation_id, in_days(30), "Letter 4.")
    seen(world, request)
    assert sightings.tell_waiting(world.support) == 0
    assert notices(person) == 0
    with clock.simulate(clock.now() + 40 * DAY):
        assert sightings.tell_waiting(world.support) == 1
        assert sightings.tell_waiting(world.support) == 0
    assert notices(person) == 1


def test_who_acts_for_another_or_proved_no_identity_is_told_nothing(world: Support) -> None:
    parent, represented = asked(world, "notify", "ask-for-another")
    somebody, unproved = asked(world, "notify")
    # After the answer nobody checks again, so the newest check is made to say "not proved" as a step.
    with acting(world.analyst):
        row = InformationRequest.objects.get(pk=unproved)
        identity.rows.step(world.analyst, row, identity.S.NOT_IDENTIFIED, "proof_video")
    for request in (represented, unproved):
        seen(world, request)
    assert sightings.tell_waiting(world.support) == 0
    assert notices(parent) == notices(somebody) == 0


def test_a_stranger_an_open_request_and_an_item_of_somebody_else_are_refused(world: Support) -> None:
    _person, request = asked(world, "notify")
    with pytest.raises(Forbidden):
        sightings.add(world.hotline, request, FactInput(1, "Pixelpost", in_days(-1)))
    with pytest.raises(errors.NotOwnItem):
        seen(world, request, 2)
    opened = case_of(InformationRequest, world, world.writes("ask-about-pictures"))
    with pytest.raises(errors.RequestNotAnswered):
        seen(world, opened)


def test_a_withdrawn_request_is_told_nothing(world: Support) -> None:
    _person, request = asked(world, "notify")
    with acting(world.support):
        conversation = InformationRequest.objects.get(pk=request).conversation_id
        assert conversation
        intake.withdraw(world.support, conversation)
    with pytest.raises(errors.UnknownInformationRequest):
        seen(world, request)
    assert sightings.tell_waiting(world.support) == 0


def test_who_is_held_back_takes_no_place_of_who_can_be_told(world: Support, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "MOST_AT_ONCE", 1)
    _first, held = asked(world, "notify")
    person, waits = asked(world, "notify")
    for request in (held, waits):
        authority_holds.place(world.analyst, request, world.authority.organisation_id, in_days(30), "Letter 4.")
        seen(world, request)
    with acting(world.support):
        hold = holds.held("information_request", waits)
        assert hold
        holds.lift(world.support, hold.pk)
    assert sightings.tell_waiting(world.support) == 1
    assert notices(person) == 1


def by_letter(world: Support, choice: str, asker: str = "self") -> UUID:
    """An answered request of somebody who wrote a letter, with an own item."""
    request = intake.enter(world.analyst, intake.InformationInput(asker, "en", "Asks about a picture.", None, choice))
    identity.check(world.analyst, request, "proof_in_person", proved=True)
    identity.delete_proof(world.analyst, request)
    items.add(world.analyst, request, f"sha256 {'ab' * 32}")
    items.decide_own(world.analyst, request, 1, own=True)
    answers.give_neutral(world.analyst, request, "Nothing is known yet.")
    return request


def waits_for_letter(world: Support, request: UUID) -> bool:
    shown, _more = work_queue.list_requests(world.analyst, work_queue.InformationFilter(work_queue.LETTERS))
    due = work_queue.load(world.analyst, request).letter_due
    assert due == (request in [one.pk for one in shown])
    return due


def test_who_asked_by_letter_is_told_by_letter_once_for_each_sighting(world: Support) -> None:
    request = by_letter(world, "notify")
    assert not waits_for_letter(world, request)
    with pytest.raises(errors.NoLetterDue):
        sightings.record_letter(world.analyst, request)
    for _ in range(2):
        seen(world, request)
        assert waits_for_letter(world, request)
        sightings.record_letter(world.analyst, request)
        assert not waits_for_letter(world, request)
    assert sightings.tell_waiting(world.support) == 0


@pytest.mark.parametrize("choice", ["undecided", "never"])
def test_a_letter_to_nobody_who_did_not_choose_it(world: Support, choice: str) -> None:
    request = by_letter(world, choice)
    seen(world, request)
    assert not waits_for_letter(world, request)


def test_nobody_chooses_for_the_person_in_the_pictures(world: Support) -> None:
    with pytest.raises(Invalid, match="Only the person in the pictures") as refused:
        by_letter(world, "notify", "parent")
    assert refused.value.field == "notify"


def test_who_waits_to_be_told_keeps_the_request_until_the_choice_ends(world: Support) -> None:
    person, waits = asked(world, "notify")
    letter = by_letter(world, "notify")
    _other, never = asked(world, "never")
    _parent, represented = asked(world, "notify", "ask-for-another")
    erased = erased_after_a_year(world)
    assert {str(never), str(represented)} <= erased
    assert not {str(waits), str(letter)} & erased
    seen(world, waits)
    assert notices(person) == 1
    chooses(world, waits, "never")
    assert str(waits) in erased_after_a_year(world)


def erased_after_a_year(world: Support) -> set[str]:
    """Requests that the retention rule erases a year after the answer."""
    with acting(world.support):
        return {one for _kind, one in support_cases.erase_information(world.support, clock.now() + DAY)}


def test_a_request_that_was_withdrawn_during_a_hold_stops_no_notice_of_others(world: Support) -> None:
    _first, withdrawn = asked(world, "notify")
    person, waits = asked(world, "notify")
    for request in (withdrawn, waits):
        authority_holds.place(world.analyst, request, world.authority.organisation_id, in_days(30), "Letter 4.")
        seen(world, request)
    with acting(world.support):
        conversation = InformationRequest.objects.get(pk=withdrawn).conversation_id
        assert conversation
        intake.withdraw(world.support, conversation)
    with clock.simulate(clock.now() + 40 * DAY):
        # It tells those of other tests too, whose holds are over then.
        sightings.tell_waiting(world.support)
    assert notices(person) == 1
    with acting(world.support):
        assert not InformationRequest.objects.get(pk=withdrawn).steps.filter(kind="told").exists()
