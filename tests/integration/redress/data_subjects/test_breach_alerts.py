"""A breach without its notice raises an alert 24 hours before the clock ends, when it ends, and every hour after it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tutela import clock
from tutela.casework.alerts import answers, desk_bell, escalation
from tutela.casework.models import Alert
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.redress import jobs
from tutela.redress.data_subjects import breaches
from tutela.redress.data_subjects.breaches import SUBJECT, BreachInput

HOUR = timedelta(hours=1)


@pytest.fixture
def lead(cast: Cast) -> Actor:
    return cast.actor(cast.pixelpost, "lead")


def found(who: Actor) -> UUID:
    return breaches.add(
        who, BreachInput("gdpr", clock.now(), 3, 5, high_risk=False, of_senders=False, text="A letter.")
    )


def reasons(who: Actor, breach: UUID) -> list[str]:
    with acting(who):
        return list(Alert.objects.filter(subject_id=breach).order_by("created_at").values_list("reason", flat=True))


def test_the_bell_counts_a_breach_from_24_hours_before_its_end(cast: Cast, lead: Actor) -> None:
    begun, made = clock.now(), found(lead)
    with clock.simulate(begun + 47 * HOUR):
        jobs.raise_alerts(0)
        assert reasons(lead, made) == []
        assert not breaches.load(lead, made).alerting
    with clock.simulate(begun + 48 * HOUR + timedelta(minutes=1)):
        jobs.raise_alerts(0)
        jobs.raise_alerts(0)
        assert reasons(lead, made) == ["new"]
        bell, _page = desk_bell.bell(lead)
        assert bell.unanswered == 1
        page = cast.client(cast.pixelpost, "lead").get(f"/desk/breaches/{made}/").content.decode()
        assert "Answer alert" in page
        answers.answer(lead, SUBJECT, made)
        bell, _page = desk_bell.bell(lead)
        assert not bell.unanswered
    with clock.simulate(begun + 60 * HOUR):
        jobs.raise_alerts(0)
        assert reasons(lead, made) == ["new"]
    with clock.simulate(begun + 72 * HOUR + timedelta(minutes=2)):
        jobs.raise_alerts(0)
    assert reasons(lead, made) == ["new", "late"]
    with clock.simulate(begun + 73 * HOUR + timedelta(minutes=3)):
        jobs.raise_alerts(0)
    assert len(reasons(lead, made)) == 3


@pytest.mark.parametrize(("kind", "text"), [("authority", ""), ("no_notice", "It was sealed.")])
def test_a_notified_breach_raises_no_alert(lead: Actor, kind: str, text: str) -> None:
    begun, made = clock.now(), found(lead)
    breaches.notify(lead, made, kind, "", text)
    with clock.simulate(begun + 73 * HOUR):
        assert escalation.raise_again(lead, (SUBJECT,)) == 0
    assert reasons(lead, made) == []
