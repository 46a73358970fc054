"""A support case from the first contact to its closing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tests.support.support_world import DAY, Support, case_of, forget_limits, in_days
from tutela import clock
from tutela.casework.assignment import notes
from tutela.casework.assignment.errors import CaseErased
from tutela.casework.hand_overs import send, steps
from tutela.casework.hand_overs import work_queue as hand_overs
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.law.models import Clock
from tutela.victims import errors, models, support_cases
from tutela.victims.models import SupportCase, SupportInterview
from tutela.victims.support import agencies, assessment, begin, care, interviews, services, work_queue
from tutela.victims.support.assessment import AssessmentInput
from tutela.victims.support.begin import SupportInput
from tutela.victims.support.interviews import InterviewInput


@pytest.fixture
def world(cast: Cast) -> Iterator[Support]:
    yield Support(cast, public=True)
    forget_limits()


@pytest.fixture
def case(world: Support) -> UUID:
    return begin.enter(world.analyst, SupportInput("survivor", "en", "woman"))


def test_a_stranger_sees_no_case(world: Support, case: UUID) -> None:
    with pytest.raises(Forbidden):
        work_queue.load(world.hotline, case)
    other = world.cast.actor(world.cast.organisation("Other Support", "victim_support", "FR"), "analyst")
    with pytest.raises(errors.UnknownSupportCase):
        work_queue.load(other, case)
    with pytest.raises(Forbidden):
        care.change(replace(world.analyst, permissions=frozenset({"support.read"})), case, "treatment", "running")


def test_a_case_goes_from_assessment_to_follow_up_and_is_closed_at_the_end_alone(world: Support, case: UUID) -> None:
    given = AssessmentInput(
        ("circulated", "disability"), ("few", "same_person"), wishes_heard=True, review_on=in_days(90)
    )
    assessment.assess(world.analyst, case, given)
    assert services.offer(world.analyst, case, ("counselling", "long_term", "compensation")) == 3
    assert services.offer(world.analyst, case, ("counselling",)) == 0
    offered = {one.kind: one.pk for one in work_queue.load(world.analyst, case).services}
    services.change(world.analyst, case, offered["counselling"], "accepted")
    services.change(world.analyst, case, offered["compensation"], "declined", "Not now.")
    services.change(world.analyst, case, offered["compensation"], "accepted")
    with pytest.raises(errors.BadSupportStep):
        services.change(world.analyst, case, offered["counselling"], "offered")
    care.change(world.analyst, case, "treatment", "running")
    with pytest.raises(errors.SupportStillOpen):
        care.close(world.analyst, case)
    care.change(world.analyst, case, "treatment", "ended")
    care.change(world.analyst, case, "follow_up", "planned")
    assert work_queue.load(world.analyst, case).row.stage == "followed_up"
    care.change(world.analyst, case, "follow_up", "ended")
    handed = send.hand_over(world.analyst, world.need(world.hotline, subject_kind="support_case", subject_id=case))
    with pytest.raises(errors.SupportStillOpen):
        care.close(world.analyst, case)
    send.withdraw(world.analyst, handed, "No longer needed.")
    care.close(world.analyst, case)
    with pytest.raises(errors.SupportCaseClosed):
        services.offer(world.analyst, case, ("peers",))
    begin.reopen(world.analyst, case)
    full = work_queue.load(world.analyst, case)
    assert (full.row.stage, full.considered, full.measures[0]) == (
        "new",
        ["pictures circulate", "disability"],
        "as few interviews as possible",
    )
    assert [one.state for one in full.hand_overs] == ["withdrawn"]
    assert hand_overs.load(world.analyst, handed).ended


def test_interviews_are_counted_and_each_further_one_has_a_reason_and_never_a_stop(world: Support, case: UUID) -> None:
    assert interviews.add(world.analyst, case, InterviewInput(in_days(-3), "Police", recorded=True)) == 1
    with pytest.raises(Invalid) as wrong:
        interviews.add(world.analyst, case, InterviewInput(in_days(-2), "Court"))
    assert wrong.value.field == "reason"
    for place in range(2, 9):
        assert interviews.add(world.analyst, case, InterviewInput(in_days(-1), "Court", reason="New facts.")) == place
    with acting(world.support), pytest.raises(IntegrityError), transaction.atomic():
        SupportInterview.objects.create(
            organisation_id=world.support.organisation_id,
            case_id=case,
            place=9,
            held_on=in_days(-1),
            agency="Court",
            recorded=False,
            by="x",
            by_name="x",
        )


def test_a_survivor_chooses_person_and_gender_and_a_stranger_cannot_be_chosen(world: Support, case: UUID) -> None:
    begin.choose_at_desk(world.analyst, case, "any", world.colleague.reference)
    row = work_queue.load(world.analyst, case).row
    assert (row.wanted_gender, row.chosen_name) == ("any", world.colleague.name)
    with pytest.raises(Invalid):
        begin.choose_at_desk(world.analyst, case, "woman", world.hotline.reference)


def test_no_column_could_hold_the_consent_of_a_parent_or_an_identity() -> None:
    tables = [getattr(models, name) for name in models.__all__ if hasattr(getattr(models, name), "_meta")]
    columns = {f"{one.__name__}.{field.name}" for one in tables for field in one._meta.fields}
    for word in ("parent", "guardian", "birth", "phone_number", "address_of", "first_name", "last_name", "full_name"):
        assert not [one for one in columns if word in one and not one.startswith("HelpService")]


def test_a_public_message_begins_a_case_and_the_next_one_reopens_it(world: Support) -> None:
    person = world.writes("support", "A neutral token.")
    case = case_of(SupportCase, world, person)
    assert 'data-openings="0"' in person.page()
    for part in ("treatment", "follow_up"):
        care.change(world.analyst, case, part, "not_needed")
    care.close(world.analyst, case)
    with acting(world.support):
        row = SupportCase.objects.get(pk=case)
        assert row.conversation_id
        begin.take_message(world.support, row.conversation_id, "Again.")
    assert work_queue.load(world.analyst, case).row.stage == "new"


def test_a_case_that_nobody_begins_raises_an_alert_and_a_closed_one_is_erased(world: Support, case: UUID) -> None:
    with clock.simulate(clock.now() + 4 * DAY):
        assert support_cases.raise_new(world.support) >= 1
        assert case in {one.pk for one in _late(world)}
    for part in ("treatment", "follow_up"):
        care.change(world.analyst, case, part, "declined", "Said so herself.")
    care.close(world.analyst, case)
    with acting(world.support):
        erased = list(support_cases.erase_support(world.support, clock.now() + DAY))
    assert ("support_case", str(case)) in erased
    assert not any("herself" in one.text for one in work_queue.load(world.analyst, case).steps)


def test_an_erased_case_takes_the_words_of_its_hand_overs_with_it(world: Support, case: UUID) -> None:
    given, without_case = (
        world.need(world.hotline, subject_kind="support_case", subject_id=case),
        world.need(world.hotline),
    )
    handed, other = agencies.hand_over(world.analyst, case, given), send.hand_over(world.analyst, without_case)
    for one in (handed, other):
        notes.add(world.analyst, "agency_hand_over", one, "fact", "Lives with her aunt.")
        send.withdraw(world.analyst, one, "She said so herself.")
    for part in ("treatment", "follow_up"):
        care.change(world.analyst, case, part, "declined")
    care.close(world.analyst, case)
    assert words(world, handed) == ["She said so herself.", "Lives with her aunt."]
    with acting(world.support):
        list(support_cases.erase_support(world.support, clock.now() + DAY))
    assert words(world, handed) == [""]
    assert words(world, other) == ["She said so herself.", "Lives with her aunt."]
    with pytest.raises(CaseErased):
        notes.add(world.analyst, "agency_hand_over", handed, "fact", "Written later.")


def words(world: Support, hand_over: UUID) -> list[str]:
    """What people wrote about a hand-over: its newest step, and notes that are left."""
    with acting(world.analyst):
        left = [one.text for one in notes.of_case("agency_hand_over", hand_over)]
    return [hand_overs.load(world.analyst, hand_over).steps[-1].text, *left]


FIRST_STEPS: dict[str, Callable[[Support, UUID], object]] = {
    "service": lambda world, case: services.offer(world.analyst, case, ("counselling",)),
    "treatment": lambda world, case: care.change(world.analyst, case, "treatment", "planned"),
    "interview": lambda world, case: interviews.add(world.analyst, case, InterviewInput(in_days(-1), "Police")),
    "hand-over": lambda world, case: agencies.hand_over(world.analyst, case, world.need(world.hotline)),
}


@pytest.mark.parametrize("name", FIRST_STEPS)
def test_every_first_step_begins_a_case_and_ends_its_deadline(world: Support, case: UUID, name: str) -> None:
    FIRST_STEPS[name](world, case)
    assert work_queue.load(world.analyst, case).row.stage == "begun"
    with clock.simulate(clock.now() + 4 * DAY):
        assert case not in {one.pk for one in _late(world)}
    with acting(world.support):
        assert Clock.objects.get(kind="support_first_step", subject_id=str(case)).state == "stopped"


def test_a_case_that_is_opened_again_has_the_whole_time_once_more(world: Support, case: UUID) -> None:
    public = case_of(SupportCase, world, world.writes("support"))
    for one in (case, public):
        for part in ("treatment", "follow_up"):
            care.change(world.analyst, one, part, "not_needed")
        care.close(world.analyst, one)
    again = clock.now() + 30 * DAY
    with clock.simulate(again):
        begin.reopen(world.analyst, case)
        with acting(world.support):
            conversation = SupportCase.objects.get(pk=public).conversation_id
            assert conversation
            begin.take_message(world.support, conversation, "Again.")
        assert not {case, public} & {one.pk for one in _late(world)}
    with acting(world.support):
        assert Clock.objects.get(kind="support_first_step", subject_id=str(case)).deadline == again + 3 * DAY
    with clock.simulate(again + 4 * DAY):
        assert {case, public} <= {one.pk for one in _late(world)}


def _late(world: Support) -> list[SupportCase]:
    with acting(world.support):
        return list(support_cases.late_cases())


def test_a_withdrawal_takes_every_hand_over_back_and_nothing_follows(world: Support) -> None:
    person = world.writes("support", "A neutral token.")
    case = case_of(SupportCase, world, person)
    known, unknown = (
        agencies.hand_over(world.analyst, case, world.need(one, subject_kind="support_case", subject_id=case))
        for one in (world.hotline, world.authority)
    )
    world.deliver()
    steps.step(world.hotline, world.received(world.hotline).row.pk, "accepted")
    steps.step(world.authority, world.received(world.authority).row.pk, "refused", because="no_capacity")
    world.deliver()
    with acting(world.support):
        row = SupportCase.objects.get(pk=case)
        assert row.conversation_id
        begin.withdraw(world.support, row.conversation_id)
    states = {hand_overs.load(world.analyst, one).row.state for one in (known, unknown)}
    assert states == {"withdrawn", "settled"}
    world.deliver()
    assert world.received(world.hotline).row.state == "withdrawn"
    with pytest.raises(errors.SupportCaseClosed):
        agencies.hand_over(world.analyst, case, world.need(world.hotline))
    with pytest.raises(errors.BadSupportStep):
        begin.reopen(world.analyst, case)
    with acting(world.support):
        begin.take_message(world.support, row.conversation_id, "Again.")
        row.refresh_from_db()
        assert (row.stage, row.erased_at is None) == ("closed", False)


def test_a_withdrawn_case_that_a_hold_keeps_is_erased_at_its_end_and_not_opened_again(world: Support) -> None:
    case = case_of(SupportCase, world, world.writes("support"))
    with acting(world.support):
        hold = holds.place(
            world.support,
            "support_case",
            case,
            asked_by=world.authority.organisation_id,
            reason="Letter 5.",
            until=clock.now() + 20 * DAY,
        )
        row = SupportCase.objects.get(pk=case)
        assert row.conversation_id
        begin.withdraw(world.support, row.conversation_id)
    with pytest.raises(errors.BadSupportStep):
        begin.reopen(world.analyst, case)
    assert support_cases.erase_withdrawn(world.support) == 0
    with acting(world.support):
        holds.lift(world.support, hold)
    assert support_cases.erase_withdrawn(world.support) == 1


def test_a_case_that_is_opened_again_is_never_erased_or_written_half(world: Support) -> None:
    """Whoever changes a case locks its row first: of two at once one waits for the other."""
    case = case_of(SupportCase, world, world.writes("support"))
    for part in ("treatment", "follow_up"):
        care.change(world.analyst, case, part, "not_needed")
    care.close(world.analyst, case)
    for work in (
        lambda: begin.reopen(world.analyst, case),
        lambda: list(support_cases.erase_support(world.support, clock.now() + DAY)),
    ):
        with CaptureQueriesContext(connection) as made, acting(world.support):
            work()
        of_case = [one["sql"] for one in made.captured_queries if '"victims_supportcase"' in one["sql"]]
        written = next(place for place, sql in enumerate(of_case) if sql.startswith("UPDATE"))
        assert any("FOR UPDATE" in sql for sql in of_case[:written])
        with acting(world.support):
            SupportCase.objects.filter(pk=case).update(stage="closed", closed_at=clock.now())
