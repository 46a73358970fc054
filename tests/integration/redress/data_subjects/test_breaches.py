"""Breaches: 72 hours to the authority, persons at a high risk, and the authorities whose data it was."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.redress.data_subjects import breaches
from tutela.redress.data_subjects.breaches import BreachInput
from tutela.redress.errors import BreachStepTwice, TooLate, UnknownBreach

TEXT = "A letter went to a wrong address."


@pytest.fixture
def lead(cast: Cast) -> Actor:
    return cast.actor(cast.pixelpost, "lead")


def found(who: Actor, *, high: bool = False, senders: bool = False) -> UUID:
    return breaches.add(who, BreachInput("gdpr", clock.now(), 3, 5, high, senders, TEXT))


def test_a_stranger_finds_nothing(cast: Cast, lead: Actor) -> None:
    made = found(lead)
    with pytest.raises(UnknownBreach):
        breaches.load(cast.actor(cast.other_provider, "lead"), made)
    with pytest.raises(Forbidden):
        breaches.notify(cast.actor(cast.pixelpost, "reviewer"), made, "authority", "", "")


def test_every_notice_that_is_due_closes_the_breach(lead: Actor) -> None:
    made = found(lead, high=True, senders=True)
    assert breaches.load(lead, made).due == ["authority", "persons", "senders"]
    for kind in ("authority", "persons"):
        breaches.notify(lead, made, kind, "DPA 1", "")
    assert breaches.load(lead, made).row.closed_at is None
    with pytest.raises(BreachStepTwice):
        breaches.notify(lead, made, "persons", "", "")
    breaches.notify(lead, made, "senders", "", "")
    assert breaches.load(lead, made).row.closed_at


def test_after_72_hours_the_notice_has_its_reasons(lead: Actor) -> None:
    made = found(lead)
    with clock.simulate(clock.now() + timedelta(hours=72, minutes=1)):
        with pytest.raises(TooLate):
            breaches.notify(lead, made, "authority", "", " ")
        breaches.notify(lead, made, "authority", "", "Nobody was at work.")
        assert [one.late for one in breaches.load(lead, made).steps if one.kind == "authority"] == [True]


def test_without_a_risk_the_reason_is_recorded(lead: Actor) -> None:
    made = found(lead)
    with pytest.raises(Invalid):
        breaches.notify(lead, made, "no_notice", "", "")
    breaches.notify(lead, made, "no_notice", "", "It was sealed.")
    assert breaches.load(lead, made).row.closed_at
    with pytest.raises(Invalid):
        breaches.notify(lead, found(lead, high=True), "no_notice", "", "It was sealed.")


def test_bad_breaches_name_their_field(lead: Actor) -> None:
    now = clock.now()
    for given, field in (
        (BreachInput("x", now, 1, 1, False, False, TEXT), "regime"),
        (BreachInput("gdpr", now + timedelta(hours=1), 1, 1, False, False, TEXT), "known_at"),
        (BreachInput("gdpr", now, -1, 1, False, False, TEXT), "persons"),
        (BreachInput("gdpr", now, 1, 1, False, False, ""), "text"),
    ):
        with pytest.raises(Invalid) as raised:
            breaches.add(lead, given)
        assert raised.value.field == field
