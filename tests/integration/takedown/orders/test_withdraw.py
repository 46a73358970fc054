"""A wrong blocking order is reversed at every recipient, and stays open until each has confirmed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from tests.support.cast import Cast
from tests.support.orders_world import Orders, states
from tutela import clock
from tutela.events.errors import Conflict, Invalid
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.takedown.errors import AlreadyWithdrawn, BadAnswer, StepNotPossible
from tutela.takedown.models import OrderKind, OrderState, OrderStep
from tutela.takedown.orders import answer, detail, withdraw, work_queue
from tutela.takedown.orders.answer import EffectInput
from tutela.takedown.orders.work_queue import OrderFilter

REASON = "The list had a wrong address."


@pytest.fixture
def orders(cast: Cast) -> Orders:
    return Orders(cast)


def test_a_wrong_block_is_open_until_every_recipient_has_confirmed(orders: Orders) -> None:
    order = orders.issued(OrderKind.BLOCKING, recipients=2)
    first, second = orders.copy(order, 0), orders.copy(order, 1)
    answer.execute(orders.leads[0], first, "", clock.now())
    withdraw.withdraw(orders.issuer, order, REASON, wrong=True)
    names = {one.organisation_name for one in orders.providers}
    assert {one.row.recipient_name for one in detail.load_order(orders.issuer, order).unreversed} == names
    assert states(orders, order) == {OrderState.WITHDRAWN}
    for place, copy in enumerate((first, second)):
        seen = orders.seen(copy, place)
        assert (seen.may, seen.steps[-1].text, seen.steps[-1].answer) == ({"confirmed"}, REASON, {"wrong": True})
    assert [effect for _one, effect in orders.seen(first).places] == [True, True]
    answer.confirm(orders.leads[0], first, clock.now(), "Removed from all resolvers.")
    assert [effect for _one, effect in orders.seen(first).places] == [False, False]
    (left,) = detail.load_order(orders.issuer, order).unreversed
    assert left.row.recipient_name == orders.providers[1].organisation_name
    (row,) = work_queue.list_issued(orders.issuer, OrderFilter(work_queue.REVERSING))[0]
    assert (row.unreversed, row.reversed, row.copy_count) == (1, 1, 2)
    assert not work_queue.list_issued(orders.issuer, OrderFilter(work_queue.DONE))[0]
    answer.confirm(orders.leads[1], second, clock.now())
    assert states(orders, order) == {OrderState.REVERSED}
    assert not work_queue.list_issued(orders.issuer, OrderFilter(work_queue.REVERSING))[0]
    assert [one.pk for one in work_queue.list_issued(orders.issuer, OrderFilter(work_queue.DONE))[0]] == [order]


def test_a_withdrawal_comes_once_and_needs_a_reason(orders: Orders) -> None:
    order = orders.issued()
    with pytest.raises(Invalid) as error:
        withdraw.withdraw(orders.issuer, order, " ", wrong=False)
    assert error.value.field == "reason"
    withdraw.withdraw(orders.issuer, order, REASON, wrong=False)
    with pytest.raises(AlreadyWithdrawn):
        withdraw.withdraw(orders.issuer, order, REASON, wrong=True)
    with acting(orders.issuer):
        assert OrderStep.objects.count() == 2
        kinds = [one.kind for one in timeline("order", order)]
    assert kinds.count("order.withdrawn") == 1


def test_after_a_withdrawal_only_the_reversal_counts(orders: Orders) -> None:
    order = orders.issued()
    copy = orders.copy(order)
    withdraw.withdraw(orders.issuer, order, REASON, wrong=True)
    for act in (
        lambda: answer.give(orders.leads[0], copy, EffectInput("given", clock.now())),
        lambda: answer.cannot_yet(orders.leads[0], copy, "manifest_errors", "x"),
        lambda: answer.contest(orders.leads[0], copy, "x"),
        lambda: withdraw.clarify(orders.issuer, copy, "x"),
    ):
        with pytest.raises(StepNotPossible):
            act()
    row = orders.seen(copy).row
    for wrong in (None, clock.now() + timedelta(hours=1), row.received_at - timedelta(seconds=1)):
        with pytest.raises(BadAnswer) as error:
            answer.confirm(orders.leads[0], copy, wrong)
        assert error.value.field == "reversed_at"
    answer.confirm(orders.leads[0], copy, clock.now())
    with pytest.raises(StepNotPossible):
        answer.confirm(orders.leads[0], copy, clock.now())


def test_an_answer_and_a_withdrawal_at_once_leave_no_copy_behind(orders: Orders) -> None:
    order = orders.issued(OrderKind.BLOCKING, recipients=2)
    found = [orders.copy(order, place) for place in (0, 1)]

    def executed(place: int) -> bool:
        try:
            answer.execute(orders.leads[place], found[place], "", clock.now())
        except Conflict:
            return False
        finally:
            connection.close()
        return True

    def withdrawn() -> bool:
        try:
            withdraw.withdraw(orders.issuer, order, REASON, wrong=True)
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(3) as pool:
        acts = [pool.submit(executed, 0), pool.submit(withdrawn), pool.submit(executed, 1)]
        done = [one.result() for one in acts]
    assert done[1]
    assert states(orders, order) == {OrderState.WITHDRAWN}
    with acting(orders.issuer):
        assert OrderStep.objects.count() == 4 + done[0] + done[2]


def test_a_provider_sees_withdrawn_orders_first_and_then_the_earliest_deadline(orders: Orders) -> None:
    late, soon, gone = orders.issued(hours=72), orders.issued(hours=5), orders.issued(hours=100)
    withdraw.withdraw(orders.issuer, gone, REASON, wrong=False)
    rows, _more = work_queue.list_received(orders.leads[0], OrderFilter())
    assert [row.order_id for row in rows] == [gone, soon, late]
    assert not work_queue.list_received(orders.leads[1], OrderFilter(work_queue.ALL))[0]
