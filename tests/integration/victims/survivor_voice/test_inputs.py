"""Survivors' voices: consent, what changed, and withdrawal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cast import Cast
from tests.support.support_world import Support, case_of, forget_limits, in_days
from tutela.casework.anonymous import inbox
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.victims.errors import InputWithdrawn
from tutela.victims.models import SurvivorInput
from tutela.victims.survivor_voice import inputs, liaison


@pytest.fixture
def world(cast: Cast) -> Iterator[Support]:
    yield Support(cast, public=True)
    forget_limits()


def test_a_survivor_reads_what_changed_because_of_the_input(world: Support) -> None:
    person = world.writes("survivors-voice", "Nobody told me when the pictures were seen again.")
    given = case_of(SurvivorInput, world, person)
    assert 'data-changes="0"' in person.page()
    with pytest.raises(Forbidden):
        inputs.add_change(world.hotline, given, "changed", "A choice was added.")
    inputs.add_change(world.analyst, given, "changed", "The information page now asks whether to notify.")
    page = person.page()
    assert 'data-changes="1"' in page
    assert "now asks whether to notify" in page


def test_nothing_goes_to_the_platform_without_the_survivors_own_consent(world: Support) -> None:
    person = world.writes("survivors-voice")
    given = case_of(SurvivorInput, world, person)
    meeting = liaison.add_meeting(world.analyst, in_days(-1), "Meeting on information rights")
    with pytest.raises(Invalid):
        inputs.add_change(world.analyst, given, "taken_along", "Brought as a topic.", meeting)
    with acting(world.support):
        row = SurvivorInput.objects.select_for_update().get(pk=given)
        inputs.choose_consent(world.support, row, "platform")
    inputs.add_change(world.analyst, given, "taken_along", "Brought as a topic.", meeting)
    with pytest.raises(Invalid):
        inputs.add_change(world.analyst, given, "taken_along", "Without a meeting.")
    (found,) = [one for one in liaison.meetings(world.analyst) if one.pk == meeting]
    assert found.inputs == 1  # type: ignore[attr-defined]


def test_a_withdrawal_erases_the_words_and_keeps_that_something_changed(world: Support) -> None:
    given = inputs.enter(world.analyst, "One sentence in confidence.", "quoted", "en")
    inputs.add_change(world.analyst, given, "not_changed", "The law does not allow it.")
    inputs.withdraw_at_desk(world.analyst, given)
    (view,) = [one for one in inputs.list_inputs(world.analyst) if one.row.pk == given]
    assert view.text == ""
    assert [(one.effect, "law" in one.text) for one in view.changes] == [("not_changed", False)]
    with pytest.raises(InputWithdrawn):
        inputs.add_change(world.analyst, given, "changed", "Later.")


def test_a_withdrawal_at_the_desk_is_told_in_a_sentence(world: Support) -> None:
    person = world.writes("survivors-voice", "One sentence in confidence.")
    inputs.withdraw_at_desk(world.analyst, case_of(SurvivorInput, world, person))
    page = person.page()
    assert "we erased everything that you wrote here" in page
    assert "confidence" not in page


@pytest.mark.parametrize(("field", "most"), [("title", liaison.LONGEST_TITLE), ("outcome", liaison.LONGEST_OUTCOME)])
def test_a_text_of_a_meeting_that_is_too_long_is_named(world: Support, field: str, most: int) -> None:
    said = {"title": "Rights", "outcome": "", field: "x" * (most + 1)}
    with pytest.raises(Invalid) as wrong:
        liaison.add_meeting(world.analyst, in_days(-1), **said)
    assert wrong.value.field == field
    assert str(most) in str(wrong.value)


def test_a_withdrawal_at_the_desk_deletes_the_words_of_a_closed_conversation_too(world: Support) -> None:
    person = world.writes("survivors-voice", "One sentence in confidence.")
    given = case_of(SurvivorInput, world, person)
    with acting(world.support):
        (conversation,) = inbox.ids_of([person.number])
    inbox.close(world.analyst, conversation, 1)
    inputs.withdraw_at_desk(world.analyst, given)
    assert not any("confidence" in one.text for one in inbox.read(world.analyst, conversation).entries)
