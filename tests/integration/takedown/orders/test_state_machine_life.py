"""The life of an order, lived by both sides in any order of steps, against a model that knows only the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.support.cast import Cast
from tests.support.order_truth import deadline_minute, minutes_stopped
from tests.support.orders_world import Orders, at, utc
from tutela import clock
from tutela.events.errors import Conflict
from tutela.events.transaction import acting
from tutela.takedown.models import OrderKind, OrderStep
from tutela.takedown.orders import answer, withdraw
from tutela.takedown.orders.answer import EffectInput
from tutela.takedown.orders.state_machine import MOVES, TAKEN_BY

START = utc(2026, 10, 24, 8)
MINUTE = timedelta(minutes=1)
ACTS = ("give", "partly", "refuse", "stop", "clarify", "resume", "contest", "withdraw", "confirm")


class Model:
    """What became of the order, told by three facts: what was answered, whether it is stopped, whether withdrawn."""

    def __init__(self) -> None:
        self.answered, self.stopped, self.withdrawn, self.reversed = "", False, False, False
        self.stops: list[tuple[int, int | None]] = []

    def allows(self, act: str) -> bool:
        if self.withdrawn:
            return act == "confirm" and not self.reversed
        return {
            "give": self.answered != "given",
            "partly": self.answered != "given",
            "refuse": not self.answered,
            "stop": not self.answered and not self.stopped,
            "clarify": self.stopped,
            "resume": self.stopped,
            "contest": True,
            "withdraw": True,
            "confirm": False,
        }[act]

    def take(self, act: str, minute: int) -> None:
        if act == "stop":
            self.stopped = True
            self.stops.append((minute, None))
        elif act not in ("contest", "confirm") and self.stopped:
            self.stopped = False
            self.stops[-1] = (self.stops[-1][0], minute)
        self.answered = {"give": "given", "partly": "partly", "refuse": "not_given"}.get(act, self.answered)
        self.withdrawn |= act == "withdraw"
        self.reversed |= act == "confirm"

    @property
    def state(self) -> str:
        if self.withdrawn:
            return "reversed" if self.reversed else "withdrawn"
        return self.answered or ("stopped" if self.stopped else "open")


@pytest.fixture
def orders(cast: Cast) -> Orders:
    return Orders(cast)


LIVES = some.lists(some.tuples(some.sampled_from(ACTS), some.integers(1, 900)), max_size=14)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LIVES, some.sampled_from([OrderKind.CONTENT, OrderKind.REMOVAL]))
def test_every_life_of_an_order_keeps_the_rules(orders: Orders, life: list[tuple[str, int]], kind: str) -> None:
    model, minute = Model(), 0
    with at(START):
        order = orders.issued(kind)
        copy = orders.copy(order)
    for act, later in life:
        minute += later
        with at(START + minute * MINUTE):
            if kind == OrderKind.REMOVAL and act in ("partly", "refuse"):
                continue
            allowed = model.allows(act)
            if allowed:
                _acts(orders, order, copy, kind)[act]()
                model.take(act, minute)
            else:
                with pytest.raises(Conflict):
                    _acts(orders, order, copy, kind)[act]()
            _same(orders, copy, model, minute, fresh=kind == OrderKind.REMOVAL)
    with acting(orders.issuer):
        sequence = list(OrderStep.objects.filter(copy=copy).order_by("sequence").values_list("sequence", flat=True))
    assert sequence == list(range(1, len(sequence) + 1))


def _acts(orders: Orders, order: object, copy: object, kind: str) -> dict[str, Callable[[], None]]:
    lead, issuer = orders.leads[0], orders.issuer
    give = lambda effect, places, reason: answer.give(  # noqa: E731
        lead, copy, EffectInput(effect, None if effect == "not_given" else clock.now(), places, reason)
    )
    executed = lambda: answer.execute(lead, copy, "removed", clock.now())  # noqa: E731
    return {
        "give": executed if kind == OrderKind.REMOVAL else lambda: give("given", (), ""),
        "partly": lambda: give("partly_given", (0,), "x"),
        "refuse": lambda: give("not_given", (), "x"),
        "stop": lambda: answer.cannot_yet(lead, copy, "missing_information", "x"),
        "clarify": lambda: withdraw.clarify(issuer, copy, "x"),
        "resume": lambda: answer.resume(lead, copy),
        "contest": lambda: answer.contest(lead, copy, "x"),
        "withdraw": lambda: withdraw.withdraw(issuer, order, "x", wrong=True),
        "confirm": lambda: answer.confirm(lead, copy, clock.now()),
    }


def _same(orders: Orders, copy: object, model: Model, minute: int, *, fresh: bool) -> None:
    seen = orders.seen(copy)
    assert seen.state == model.state
    truth = deadline_minute(24 * 60, model.stops, minute, fresh=fresh)
    assert seen.time.deadline == (None if truth is None else START + truth * MINUTE)
    assert seen.time.missing == minutes_stopped(model.stops, minute) * MINUTE
    if not model.answered and not model.withdrawn:
        assert seen.late == (truth is not None and minute >= truth)


def test_no_step_is_taken_by_both_sides_and_every_state_can_end() -> None:
    assert {step for _state, step in MOVES} | {"issued"} == {step.value for step in TAKEN_BY}
    ends = {state for state, _step in MOVES}
    reached = set(MOVES.values()) | {"open"}
    assert reached - ends == {"reversed"}
