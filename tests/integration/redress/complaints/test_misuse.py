"""Serial complaints are handled by rule: figures first, a warning, a suspension, and always a person."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.redress_world import Redress, recorded
from tutela import clock
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.redress.complaints import decide, intake, misuse
from tutela.redress.complaints.decide import Judgement
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.errors import NoAccount, NoMisuse, NotSuspended, NotWarned, SuspendedAlready
from tutela.redress.models import Complaint

WHY = "All complaints of two days were manifestly unfounded."


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def complained(world: Redress, account: str, *, unfounded: bool = True) -> UUID:
    made = intake.enter(world.judge, "Give it back.", "en")
    deciders = (world.desk.reviewer.person_id,)
    given = MeasureInput("user", "account", account=account, deciders=deciders)  # type: ignore[arg-type]
    recorded(world.judge, made, given)
    if unfounded:
        decide.decide(world.judge, made, Judgement("uphold", "manifest", "It names no decision."))
    return made


def state(world: Redress, complaint: UUID) -> misuse.MisuseState:
    with acting(world.judge):
        found = misuse.state_of(Complaint.objects.get(pk=complaint))
    assert found
    return found


def test_the_rule_warns_after_three_and_suspends_after_a_further_one(world: Redress) -> None:
    two = [complained(world, "acc-serial") for _ in range(2)][-1]
    with pytest.raises(NoMisuse):
        misuse.warn(world.judge, two, WHY)
    third = complained(world, "ACC-serial ")
    assert state(world, third).may_warn
    with pytest.raises(NotWarned):
        misuse.suspend(world.judge, third, WHY)
    with pytest.raises(Invalid):
        misuse.warn(world.judge, third, "")
    misuse.warn(world.judge, third, WHY)
    with pytest.raises(NotWarned):
        misuse.suspend(world.judge, third, WHY)
    fourth = complained(world, "acc-serial")
    misuse.suspend(world.judge, fourth, WHY)
    with pytest.raises(SuspendedAlready):
        misuse.suspend(world.judge, fourth, WHY)
    # While it lasts, a person may still decide, and a well-founded complaint is reversed.
    fifth = complained(world, "acc-serial", unfounded=False)
    assert state(world, fifth).until
    decide.decide(world.judge, fifth, Judgement("reverse", "wrong_account", "It was another account."))
    misuse.end(world.judge, fifth, "The last complaint was right.")
    with pytest.raises(NotSuspended):
        misuse.end(world.judge, fifth, "Again.")


def test_others_and_old_complaints_do_not_count(world: Redress) -> None:
    with clock.simulate(clock.now() - timedelta(days=91)):
        for _ in range(3):
            complained(world, "acc-old")
    newest = complained(world, "acc-old")
    assert (state(world, newest).unfounded, state(world, newest).may_warn) == (1, False)
    assert state(world, complained(world, "acc-other")).unfounded == 1
    upheld = complained(world, "acc-old", unfounded=False)
    decide.decide(world.judge, upheld, Judgement("uphold", "terms", "The terms forbid it."))
    assert state(world, upheld).unfounded == 1


def test_without_an_account_there_is_no_rule(world: Redress) -> None:
    made = intake.enter(world.judge, "Please look again.", "en")
    with pytest.raises(NoAccount):
        misuse.warn(world.judge, made, WHY)


def test_the_account_stands_nowhere_in_clear(world: Redress) -> None:
    made = complained(world, "acc-readable-name")
    with acting(world.judge):
        row = Complaint.objects.get(pk=made)
    assert b"readable" not in bytes(row.account_key or b"")
    assert "readable" not in str(vars(row))
