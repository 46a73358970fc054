"""Information requests: who asks gets an answer about own items, or one neutral text that tells nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tests.support.support_world import DAY, Person, Support, case_of, forget_limits, in_days
from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.events.errors import Forbidden, Invalid
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.victims import errors, support_cases
from tutela.victims.information import answers, authority_holds, identity, intake, items, representation, work_queue
from tutela.victims.information.intake import InformationInput
from tutela.victims.information.items import FactInput
from tutela.victims.information.representation import WishInput
from tutela.victims.models import InformationRequest

HASH = "sha256 " + "ab" * 32
NEUTRAL = "We cannot give you information in answer to this request."


@pytest.fixture
def world(cast: Cast) -> Iterator[Support]:
    yield Support(cast, public=True)
    forget_limits()


def entered(world: Support, asker: str = "self") -> UUID:
    return intake.enter(world.analyst, InformationInput(asker, "en", "Asks about two pictures."))


def prepared(world: Support, request: UUID) -> UUID:
    """A request with proved identity, one own item with a fact, and one of somebody else."""
    identity.check(world.analyst, request, "proof_in_person", proved=True)
    items.add(world.analyst, request, f"{HASH}\nsha256 {'cd' * 32}")
    items.decide_own(world.analyst, request, 1, own=True)
    items.decide_own(world.analyst, request, 2, own=False)
    given = FactInput(1, "Pixelpost", in_days(-30), "Garda", "yes")
    items.add_fact(world.analyst, request, given)
    return request


def heard(world: Support, request: UUID, wish: str = "wants", *, alone: bool = True, excluded: bool = True) -> None:
    representation.record_wish(world.analyst, request, WishInput(wish, "from_12", "Speaks for herself.", alone))
    representation.record_conflict(world.analyst, request, "Spoke with the guardian's office.", excluded=excluded)


def text(world: Support, request: UUID) -> str:
    made = work_queue.load(world.analyst, request).answer
    assert made
    return made.text


def test_a_stranger_reads_and_answers_nothing(world: Support) -> None:
    request = entered(world)
    for actor in (world.hotline, replace(world.analyst, permissions=frozenset({"support.read"}))):
        with pytest.raises(Forbidden):
            answers.give(actor, request)
    with pytest.raises(Forbidden):
        work_queue.load(world.hotline, request)


def test_a_person_learns_of_own_items_alone(world: Support) -> None:
    request = prepared(world, entered(world))
    answers.give(world.analyst, request)
    said = text(world, request)
    for part in ("Pixelpost", in_days(-30).isoformat(), "Garda", "removed"):
        assert part in said
    assert "Picture 2" not in said
    with pytest.raises(errors.RequestAnswered):
        answers.give(world.analyst, request)


def test_facts_of_an_item_of_somebody_else_are_refused(world: Support) -> None:
    request = entered(world)
    items.add(world.analyst, request, HASH)
    with pytest.raises(errors.NotOwnItem):
        items.add_fact(world.analyst, request, FactInput(1, "Pixelpost", in_days(-1)))
    items.decide_own(world.analyst, request, 1, own=False)
    with pytest.raises(errors.NotOwnItem):
        items.add_fact(world.analyst, request, FactInput(1, "Pixelpost", in_days(-1)))


def test_nothing_is_given_before_identity_is_proved_and_its_proof_deleted(world: Support) -> None:
    request = entered(world)
    with pytest.raises(errors.IdentityNotProved):
        answers.give(world.analyst, request)
    identity.check(world.analyst, request, "proof_copy", proved=True)
    with pytest.raises(errors.IdentityNotProved):
        answers.give(world.analyst, request)
    identity.delete_proof(world.analyst, request)
    identity.check(world.analyst, request, "proof_video", proved=False)
    with pytest.raises(errors.IdentityNotProved):
        answers.give(world.analyst, request)
    with pytest.raises(Invalid):
        identity.check(world.analyst, request, "a photograph", proved=True)


@pytest.mark.parametrize("asker", ["parent", "represents"])
def test_a_representative_is_not_answered_without_the_childs_wish_and_an_excluded_conflict(
    world: Support, asker: str
) -> None:
    request = prepared(world, entered(world, asker))
    with pytest.raises(errors.WishNotRecorded):
        answers.give(world.analyst, request)
    heard(world, request, "does_not")
    with pytest.raises(errors.WishNotRecorded):
        answers.give(world.analyst, request)
    heard(world, request, alone=False)
    with pytest.raises(errors.WishNotRecorded):
        answers.give(world.analyst, request)
    heard(world, request, excluded=False)
    with pytest.raises(errors.ConflictNotExcluded):
        answers.give(world.analyst, request)
    heard(world, request)
    answers.give(world.analyst, request)
    assert "Pixelpost" in text(world, request)


def test_a_request_is_opened_once_for_its_page(world: Support) -> None:
    request = prepared(world, entered(world))
    with CaptureQueriesContext(connection) as made:
        full = work_queue.load(world.analyst, request)
    assert "Pixelpost" in full.letter
    assert sum('FROM "victims_informationitem"' in one["sql"] for one in made.captured_queries) == 1


def test_the_neutral_answer_is_the_same_whatever_the_reason(world: Support) -> None:
    nothing, abuser, held = entered(world), prepared(world, entered(world, "parent")), prepared(world, entered(world))
    heard(world, abuser, "does_not", excluded=False)
    authority_holds.place(world.analyst, held, world.authority.organisation_id, in_days(30), "Letter 4.")
    with pytest.raises(errors.HeldInformation):
        answers.give(world.analyst, held)
    for one in (nothing, abuser, held):
        answers.give_neutral(world.analyst, one, "For the file.")
    assert len({text(world, one) for one in (nothing, abuser, held)}) == 1
    assert text(world, abuser).startswith(NEUTRAL)


def test_a_parent_reads_the_same_page_before_and_after_everything_that_happened(world: Support) -> None:
    parent = world.writes("ask-for-another", "I am the father. What do you have about my child?")
    before = parent.page()
    request = case_of(InformationRequest, world, parent)
    prepared(world, request)
    heard(world, request, "does_not", excluded=False)
    after = parent.page()
    for page in (before, after):
        assert "data-information" in page
        for word in ("Pixelpost", "hold", "conflict", "heard", "Large letters", "seen again"):
            assert word not in page
    answers.give_neutral(world.analyst, request, "Conflict of interest.")
    page = parent.page()
    assert NEUTRAL in page
    assert "Conflict" not in page


def test_an_abusing_parent_costs_the_node_the_same_work_as_one_of_whom_nothing_is_known(world: Support) -> None:
    """No time tells the two apart: each page is made by the same queries, in the same order."""
    abuser, unknown = (world.writes("ask-for-another", "I am the father of a child.") for _ in range(2))
    known, other = (case_of(InformationRequest, world, one) for one in (abuser, unknown))
    prepared(world, known)
    heard(world, known, "does_not", excluded=False)
    authority_holds.place(world.analyst, known, world.authority.organisation_id, in_days(30), "Letter 4.")
    assert _work_of(abuser) == _work_of(unknown)
    for one in (known, other):
        answers.give_neutral(world.analyst, one, "For the file.")
    assert _work_of(abuser) == _work_of(unknown)
    assert _text_of(abuser) == _text_of(unknown)


def test_a_survivor_reads_the_answer_and_chooses_never_to_be_told_again(world: Support) -> None:
    person = world.writes("ask-about-pictures", HASH)
    request = case_of(InformationRequest, world, person)
    assert "Large letters" not in person.page()
    prepared(world, request)
    answers.give(world.analyst, request)
    page = person.page()
    assert "Pixelpost" in page
    assert "Large letters" in page
    with acting(world.support):
        row = InformationRequest.objects.select_for_update().get(pk=request)
        intake.choose_notify(world.support, row, "never", hourly=True)
        with pytest.raises(Invalid):
            intake.choose_notify(world.support, row, "sometimes", hourly=True)
    assert work_queue.load(world.analyst, request).row.notify == "never"


def test_a_public_request_leaves_no_time_more_precise_than_the_hour(world: Support) -> None:
    person = world.writes("ask-about-pictures", HASH)
    request = case_of(InformationRequest, world, person)
    with acting(world.support):
        row = InformationRequest.objects.get(pk=request)
        steps = list(row.steps.values_list("created_at", flat=True))
        events = list(Event.objects.filter(subject_id=str(request)).values_list("at", flat=True))
    for moment in (row.created_at, row.received_at, *steps, *events):
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)


def _work_of(person: Person) -> list[str]:
    """Queries that make a person's page, without their values."""
    with CaptureQueriesContext(connection) as made:
        person.page()
    assert len(made.captured_queries) > 1
    return [re.sub(r"'[^']*'|\b\d+\b", "?", one["sql"]) for one in made.captured_queries]


def _text_of(person: Person) -> str:
    """A person's page, without what is of every visit alone: tokens, tickets, the case number and its times."""
    shown = re.sub(r'(value|data-work|datetime|nonce)="[^"]*"', "", person.page())
    return shown.replace(person.number, "")


def test_an_answer_that_nobody_can_read_is_not_given(world: Support) -> None:
    person = world.writes("ask-about-pictures", HASH)
    request = prepared(world, case_of(InformationRequest, world, person))
    with acting(world.support):
        (conversation,) = inbox.ids_of([person.number])
    inbox.close(world.analyst, conversation, 1)
    with pytest.raises(errors.AnswerNotDelivered):
        answers.give(world.analyst, request)
    assert work_queue.load(world.analyst, request).answer is None
    answers.give_neutral(world.analyst, request, "The conversation is closed.")
    with acting(world.support):
        made = Event.objects.get(kind="information_request.answered", subject_id=str(request))
        facts = json.loads(made.facts_row.facts)
    assert (facts["given"], facts["told"]) == (False, False)


def test_who_falsely_said_to_be_the_person_becomes_a_representative_for_good(world: Support) -> None:
    request = prepared(world, entered(world))
    with pytest.raises(Forbidden):
        representation.record_asker(world.hotline, request, "parent", "Said so himself.")
    for wrong, ground in (("self", "Said so himself."), ("parent", " ")):
        with pytest.raises(Invalid):
            representation.record_asker(world.analyst, request, wrong, ground)
    representation.record_asker(world.analyst, request, "parent", "Said so himself.")
    with pytest.raises(errors.WishNotRecorded):
        answers.give(world.analyst, request)
    for back in ("self", "represents"):
        with pytest.raises(Invalid):
            representation.record_asker(world.analyst, request, back, "Said so herself.")
    heard(world, request)
    answers.give(world.analyst, request)


def test_a_withdrawal_erases_nothing_that_a_hold_keeps_before_it_ends(world: Support) -> None:
    person = world.writes("ask-about-pictures", HASH)
    request = case_of(InformationRequest, world, person)
    items.add(world.analyst, request, HASH)
    authority_holds.place(world.analyst, request, world.authority.organisation_id, in_days(30), "Letter 4.")
    with acting(world.support):
        (conversation,) = inbox.ids_of([person.number])
        intake.withdraw(world.support, conversation)
    assert support_cases.erase_withdrawn(world.support) == 0
    assert work_queue.load(world.analyst, request).items[0].named.endswith("ab" * 32)
    with clock.simulate(clock.now() + 40 * DAY):
        assert support_cases.erase_withdrawn(world.support) == 1
        assert support_cases.erase_withdrawn(world.support) == 0
        assert work_queue.load(world.analyst, request).row.erased_at is not None
