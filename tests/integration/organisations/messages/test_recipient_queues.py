"""Lanes: who is away is asked by one message, urgent first, in order, and nobody else waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from django.db import connection

from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.messages import delivery, outbox, outbox_status, recipient_queues
from tutela.organisations.models import OutboxMessage
from tutela.organisations.vocabulary.backoff import LONGEST_PAUSE, LONGEST_URGENT_PAUSE

PLANNED_LATER = "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '9 minutes' WHERE status = 'todo'"
BACK = httpx.Response(201, json={})


@dataclass
class Lane:
    """The authority's messages to the Centre; `answer` says what becomes of each, by its key."""

    sender: Actor
    recipient: Actor
    posted: list[str] = field(default_factory=list)
    answer: Callable[[str], httpx.Response] = lambda _key: httpx.Response(502, text="bad gateway")

    def send(self, key: str, *, subject: str = "", urgent: bool = False) -> None:
        with acting(self.sender):
            outbox.send(
                self.sender,
                self.recipient.organisation_id,
                "outcome",
                "/outcomes",
                "{}",
                key=key,
                subject_id=subject or key,
                urgent=urgent,
            )

    def turn(self, after: timedelta = timedelta()) -> datetime | None:
        client = httpx.Client(transport=httpx.MockTransport(self._take))
        with clock.simulate(clock.now() + after):
            return delivery.turn(self.sender.organisation_id, self.recipient.organisation_id, client)

    def _take(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["Idempotency-Key"]
        self.posted.append(key)
        return self.answer(key)

    def jobs(self) -> list[tuple[bool, str]]:
        """Whether each waits for a moment, and its state."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT scheduled_at > now(), status::text FROM procrastinate_jobs WHERE queueing_lock = %s",
                [f"outbox:{self.sender.organisation_id}:{self.recipient.organisation_id}"],
            )
            return cursor.fetchall()


@pytest.fixture
def lane(cast: Cast) -> Lane:
    return Lane(cast.organisation("Kriminalamt", "authority", "PT"), cast.centre)


def test_one_message_asks_for_all_that_wait(lane: Lane) -> None:
    for number in range(30):
        lane.send(f"m{number}")
    assert lane.turn() is not None
    assert len(lane.posted) == 1
    again = lane.turn()
    assert len(lane.posted) == 1, "asked again within its pause"
    assert again is not None
    lane.turn(timedelta(seconds=2))
    assert len(lane.posted) == 2
    [absent] = outbox_status.absences(lane.sender)
    assert (absent.waiting, absent.urgent, absent.attempts) == (30, 0, 2)
    assert {one.last_error for one in outbox_status.unsettled(lane.sender)} == {"HTTP 502"}, "each says why it waits"


def test_with_the_next_answer_everything_leaves_urgent_first_and_about_one_subject_in_order(lane: Lane) -> None:
    lane.send("a")
    lane.turn()
    lane.turn(timedelta(seconds=2))
    lane.send("package", subject="one")
    lane.send("b")
    lane.send("undone", subject="one", urgent=True)
    lane.send("c", urgent=True)
    lane.answer = lambda _key: BACK
    lane.posted.clear()
    assert lane.turn(timedelta(minutes=1, seconds=3)) is None
    assert lane.posted == ["package", "undone", "c", "a", "b"]
    assert outbox_status.absences(lane.sender) == []


def test_what_is_urgent_waits_a_minute_for_a_recipient_that_was_away_for_hours(lane: Lane) -> None:
    lane.send("ordinary")
    moved = timedelta()
    for _ in range(12):  # until the pauses are at their longest
        lane.turn(moved)
        moved += LONGEST_PAUSE + timedelta(seconds=1)
    lane.posted.clear()
    lane.turn(moved - LONGEST_PAUSE + timedelta(minutes=2))
    assert not lane.posted
    lane.send("urgent", urgent=True)
    lane.answer = lambda _key: BACK
    assert lane.turn(moved - LONGEST_PAUSE + LONGEST_URGENT_PAUSE + timedelta(seconds=1)) is None
    assert sorted(lane.posted) == ["ordinary", "urgent"]


def test_a_message_that_a_recipient_cannot_bear_hides_nobody(lane: Lane) -> None:
    def answer(key: str) -> httpx.Response:
        if key == "poison":
            raise httpx.ReadTimeout("it thinks about it for ever")
        return BACK

    lane.answer = answer
    lane.send("poison", urgent=True)
    for number in range(40):
        lane.send(f"m{number}")
    moved = timedelta()
    for _ in range(12):
        lane.turn(moved)
        moved += timedelta(seconds=2)
    assert len({*lane.posted}) == 41
    assert lane.posted.count("poison") < 10, "its own pauses do not grow"
    assert [one.last_error[:11] for one in outbox_status.unsettled(lane.sender)] == ["ReadTimeout"]


def test_an_error_of_the_recipients_concerns_its_message_alone(lane: Lane) -> None:
    lane.answer = lambda key: httpx.Response(500) if key == "odd" else BACK
    lane.send("odd", urgent=True)
    lane.send("m")
    assert lane.turn() is not None
    assert lane.posted == ["odd", "m"]
    assert outbox_status.absences(lane.sender) == []


def test_a_pause_that_a_wrong_clock_planned_is_over(lane: Lane) -> None:
    lane.send("m")
    lane.turn(timedelta(days=1))
    lane.turn(timedelta(days=1, seconds=3))
    lane.answer = lambda _key: BACK
    assert lane.turn() is None
    assert outbox_status.unsettled(lane.sender) == []


def test_those_who_are_away_leave_places_for_others(lane: Lane) -> None:
    lane.send("m")
    lane.turn()
    for _ in range(delivery.ASKING):
        assert delivery._asking.acquire(blocking=False)
    try:
        assert lane.turn(timedelta(seconds=5)) is not None
        assert len(lane.posted) == 1, "asked although every place for asking is taken"
    finally:
        for _ in range(delivery.ASKING):
            delivery._asking.release()


def test_a_lane_whose_job_was_lost_is_ordered_again_and_one_job_is_enough(lane: Lane) -> None:
    lane.send("m")
    lane.send("n")
    assert [status for _later, status in lane.jobs()] == ["todo"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE queue_name = 'outbox'")
    assert recipient_queues.sweep(lane.sender, recipient_queues.kept()) == 1
    assert recipient_queues.sweep(lane.sender, recipient_queues.kept()) == 0
    assert len(lane.jobs()) == 1
    with connection.cursor() as cursor:  # planned by a clock that was a day ahead
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day' WHERE queue_name = 'outbox'"
        )
    recipient_queues.sweep(lane.sender, recipient_queues.kept())
    assert lane.jobs() == [(None, "todo")]


def test_a_message_orders_its_lane_sooner_than_was_planned(lane: Lane) -> None:
    recipient_queues.order_at(
        lane.sender.organisation_id, lane.recipient.organisation_id, clock.now() + timedelta(minutes=5)
    )
    assert lane.jobs() == [(True, "todo")]
    lane.send(str(uuid4()))
    assert lane.jobs() == [(None, "todo")]


@pytest.mark.parametrize("away", [False, True])
def test_what_follows_from_an_answer_may_fail_and_holds_up_no_other(
    lane: Lane, monkeypatch: pytest.MonkeyPatch, away: bool
) -> None:
    def take(_actor: Actor, answer: outbox.MessageAnswer) -> None:
        if answer.subject_id == "bad":
            raise KeyError("a fault of ours")

    monkeypatch.setitem(outbox._handlers, "outcome", [take])
    lane.send("bad")
    if away:
        lane.turn()
    lane.answer = lambda _key: BACK
    lane.send("good")
    assert lane.turn(timedelta(seconds=2)) is not None
    assert outbox_status.absences(lane.sender) == []
    assert outbox_status.states(lane.sender, "good")[0].state == "sent"
    assert [(one.state, one.last_error) for one in outbox_status.states(lane.sender, "bad")] == [
        ("waiting", "delivery.not_processed")
    ]
    assert outbox_status.states(lane.sender, "good")[0].state == "sent"


@pytest.mark.parametrize("away", [False, True])
def test_a_message_that_cannot_be_opened_here_holds_up_no_other(lane: Lane, away: bool) -> None:
    lane.send("bad", urgent=True)
    lane.send("good")
    if away:
        lane.turn()
    with acting(lane.sender):
        OutboxMessage.objects.filter(key="bad").update(sealed_body=b"sealed by a key that a restore did not bring")
    lane.answer = lambda _key: BACK
    for seconds in range(2, 20, 2):
        lane.turn(timedelta(seconds=seconds))
    assert outbox_status.states(lane.sender, "good")[0].state == "sent"
    assert outbox_status.states(lane.sender, "bad")[0].last_error == "delivery.not_sent"
    assert outbox_status.absences(lane.sender) == []


def test_an_order_that_meets_the_order_for_later_of_a_turn_that_ends_is_for_now(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look for a job and the order, a turn orders its next one."""
    ids, defer = (lane.sender.organisation_id, lane.recipient.organisation_id), recipient_queues._defer

    def meets(organisation: UUID, recipient: UUID, seconds: float = 0.0) -> bool:
        monkeypatch.setattr(recipient_queues, "_defer", defer)
        recipient_queues.order_at(*ids, clock.now() + timedelta(minutes=9))
        return defer(organisation, recipient, seconds)

    monkeypatch.setattr(recipient_queues, "_defer", meets)
    recipient_queues.enqueue_delivery(*ids)
    assert lane.jobs() == [(None, "todo")]


def test_the_sweep_finds_a_due_message_whose_lane_was_ordered_for_later(lane: Lane) -> None:
    lane.send("m")
    with connection.cursor() as cursor:  # the process died after its commit; a turn had planned the next one
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '9 minutes' WHERE status = 'todo'"
        )
    assert recipient_queues.sweep(lane.sender, recipient_queues.kept()) == 1
    assert lane.jobs() == [(None, "todo")]
    # Who is away is asked when its moment comes.
    lane.turn()
    recipient_queues.order_at(
        lane.sender.organisation_id, lane.recipient.organisation_id, clock.now() + timedelta(minutes=9)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '9 minutes' WHERE status = 'todo'"
        )
    assert recipient_queues.sweep(lane.sender, recipient_queues.kept()) == 0


def test_what_an_urgent_one_has_to_wait_for_has_no_long_pause_left(lane: Lane) -> None:
    lane.answer = lambda _key: httpx.Response(500)
    lane.send("first", subject="one")
    moved = timedelta()
    for _ in range(12):
        lane.turn(moved)
        moved += LONGEST_PAUSE + timedelta(seconds=1)
    with acting(lane.sender):
        OutboxMessage.objects.filter(key="first").update(next_attempt_at=clock.now() + LONGEST_PAUSE)
    lane.send("urgent", subject="one", urgent=True)
    lane.answer = lambda _key: BACK
    assert lane.turn(LONGEST_URGENT_PAUSE + timedelta(seconds=1)) is None
    assert lane.posted[-2:] == ["first", "urgent"]
