"""Openings are counted for each kind of subject; those on which a decision rests are never deleted."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, transaction

from tests.support.cast import Cast
from tutela import clock
from tutela.casework.exposure import openings, stop, terms
from tutela.casework.exposure.budget import own_budget
from tutela.casework.exposure.openings import OpeningResult
from tutela.casework.exposure.rules import ExposureRule
from tutela.casework.exposure.terms import BudgetTerms
from tutela.casework.models import KeptOpening, Opening
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting

FLEETING = ExposureRule("test_fleeting", timedelta(hours=1), read="reports.read", lead="reports.handling")
KEPT = ExposureRule("test_kept", timedelta(minutes=10), read="reports.read", lead="reports.handling", kept=True)
TWO = BudgetTerms(budget=1, stop=2, in_a_row=0)


@pytest.fixture
def reader(cast: Cast) -> Actor:
    return cast.actor(cast.centre, "analyst")


def open_one(actor: Actor, rule: ExposureRule, subject: UUID | None = None, *, urgent: bool = False) -> OpeningResult:
    with acting(actor):
        return openings.open_subject(actor, rule, subject or uuid4(), TWO, urgent=urgent, category="new")


@pytest.mark.parametrize("rule", [FLEETING, KEPT], ids=lambda rule: rule.subject_kind)
def test_an_opening_counts_once_up_to_the_stop_and_urgent_ones_always(reader: Actor, rule: ExposureRule) -> None:
    first, now = uuid4(), clock.now()
    assert [open_one(reader, rule, first) for _ in range(2)] == [OpeningResult.COUNTED, OpeningResult.OPEN]
    with acting(reader):
        assert own_budget(reader, rule, TWO).advise_break
        assert not own_budget(reader, rule, BudgetTerms(5, 5, in_a_row=0)).advise_break, "no row is counted"
        assert own_budget(reader, rule, BudgetTerms(5, 5, in_a_row=1)).advise_break
    assert open_one(reader, rule) is OpeningResult.COUNTED
    assert open_one(reader, rule) is OpeningResult.STOPPED
    assert open_one(reader, rule, first) is OpeningResult.OPEN
    assert open_one(reader, rule, urgent=True) is OpeningResult.COUNTED
    with acting(reader):
        assert own_budget(reader, rule, TWO).opened == 3
        assert openings.last_category(reader, rule) == "new"
        assert first in openings.open_to_anybody(rule)
    with clock.simulate(now + rule.same_opening + timedelta(seconds=1)), acting(reader):
        assert not openings.is_open(reader, rule, first)
        assert openings.was_opened(reader, rule, first)


def test_each_kind_of_subject_has_a_budget_of_its_own(reader: Actor) -> None:
    other = ExposureRule("test_other", timedelta(hours=1), read="reports.read")
    open_one(reader, FLEETING)
    with acting(reader):
        assert own_budget(reader, other, TWO).opened == 0
        assert own_budget(reader, FLEETING, TWO).opened == 1


def test_what_a_decision_rests_on_is_never_deleted_and_the_rest_after_two_days(reader: Actor) -> None:
    fleeting, kept = uuid4(), uuid4()
    open_one(reader, FLEETING, fleeting)
    open_one(reader, KEPT, kept)
    with clock.simulate(clock.now() + timedelta(hours=49)):
        openings.forget(reader)
    with acting(reader):
        assert not Opening.objects.filter(subject_id=fleeting).exists()
        for change in (
            lambda: KeptOpening.objects.filter(subject_id=kept).delete(),
            lambda: KeptOpening.objects.filter(subject_id=kept).update(by="somebody else"),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()
        assert openings.was_opened(reader, KEPT, kept)


def test_another_organisation_sees_no_opening(cast: Cast, reader: Actor) -> None:
    made = uuid4()
    open_one(reader, FLEETING, made)
    stranger = cast.actor(cast.organisation("Elsewhere", "authority", "FR"), "investigator")
    with acting(stranger):
        assert made not in openings.open_to_anybody(FLEETING)


def test_terms_are_of_one_kind_of_subject_and_a_lead_sets_them(cast: Cast, reader: Actor) -> None:
    lead = cast.actor(cast.centre, "lead")
    rule = ExposureRule(f"test_{uuid4().hex[:8]}", timedelta(hours=1), read="reports.read", lead="reports.handling")
    with pytest.raises(Forbidden):
        terms.set_terms(reader, rule, budget=1, stop=2, in_a_row=1)
    terms.set_terms(lead, rule, budget=1, stop=2, in_a_row=1)
    with acting(reader):
        assert terms.current_terms(rule) == BudgetTerms(1, 2, 1)
    assert len(terms.history(reader, rule)) == 1
    assert not stop.anybody_at_the_stop(lead, rule)
    subject = uuid4()
    for _ in range(2):
        open_one(reader, rule)
    assert stop.anybody_at_the_stop(lead, rule)
    with acting(reader), pytest.raises(Invalid):
        stop.open_beyond(reader, rule, subject, "curious")
    with acting(reader):
        stop.open_beyond(reader, rule, subject, "time")
        assert openings.is_open(reader, rule, subject)
