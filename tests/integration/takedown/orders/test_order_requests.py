"""The end of the escalation: a hotline asks an authority for an order, and learns what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.orders_world import Orders
from tutela import clock
from tutela.events.errors import Conflict, Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.takedown.case_work import detail
from tutela.takedown.errors import (
    AlreadyRequested,
    Held,
    NotEscalated,
    NotIllegal,
    RequestAnswered,
    UnknownCoordinatingAuthority,
    UnknownRequest,
)
from tutela.takedown.models import Notice, Order, OrderRequest, OrderRequestState, StepKind
from tutela.takedown.notices import notify
from tutela.takedown.orders import erase_orders, issue, order_requests
from tutela.takedown.police import police_steps


@pytest.fixture
def orders(cast: Cast) -> Orders:
    return Orders(cast)


def test_a_request_says_what_the_authority_needs_and_is_answered_by_the_order(orders: Orders) -> None:
    case = orders.escalated()
    request = orders.requested(case)
    (row,) = order_requests.list_requests(orders.reader, OrderRequestState.OPEN)[0]
    seen = order_requests.load_request(orders.reader, request)
    assert (row.pk, seen.row.hotline_name) == (request, orders.hotline.machine.organisation_name)
    assert seen.said["address"].startswith("https://host-")
    assert (seen.said["label"], seen.said["provider"]) == ("eu-2011-93:known-material", "Example Hosting")
    assert [one["state"] for one in seen.said["notices"]] == ["refused"]
    order = issue.issue(orders.issuer, replace(orders.input(), request=request))
    (told,) = detail.load_case(orders.hotline.analyst, case).order_requests
    with acting(orders.issuer):
        number = Order.objects.get(pk=order).number
    assert told.answer is not None
    assert (told.state, told.answer.order_number) == (OrderRequestState.ORDERED, number)
    assert not order_requests.list_requests(orders.reader, OrderRequestState.OPEN)[0]
    with pytest.raises(RequestAnswered):
        issue.issue(orders.issuer, replace(orders.input(), request=request))
    with acting(orders.issuer):
        assert Order.objects.count() == 1, "the second order was not stored"


def test_a_declined_request_can_be_made_again_and_an_open_one_not(orders: Orders) -> None:
    case = orders.escalated()
    request = orders.requested(case)
    with pytest.raises(AlreadyRequested):
        orders.requested(case)
    with pytest.raises(Invalid) as error:
        order_requests.decline(orders.issuer, request, " ")
    assert error.value.field == "reason"
    order_requests.decline(orders.issuer, request, "Another authority is competent.")
    with pytest.raises(RequestAnswered):
        order_requests.decline(orders.issuer, request, "Again.")
    (told,) = detail.load_case(orders.hotline.analyst, case).order_requests
    assert (told.state, told.reason) == (OrderRequestState.DECLINED, "Another authority is competent.")
    assert orders.requested(case) != request


def test_a_request_needs_the_end_of_the_escalation(orders: Orders) -> None:
    analyst, authority = orders.hotline.analyst, orders.authority.organisation_id
    case, notice = orders.hotline.notified()
    with pytest.raises(NotEscalated):
        order_requests.ask(analyst, case, authority, "x")
    for number in range(3):
        with acting(analyst):
            row = Notice.objects.get(pk=notice)
            notify.step(analyst, row, StepKind.SENT)
            notify.step(analyst, row, StepKind.ESCALATED)
        assert detail.load_case(analyst, case).may_ask is (number == 2), "host, network, registrar"
        if number < 2:
            notice = notify.queue(analyst, case, notify.Recipient(email="abuse@host.example"))
    assert order_requests.ask(analyst, case, authority, "Nobody has answered.")
    with pytest.raises(NotIllegal):
        order_requests.ask(analyst, orders.hotline.assessed("elsewhere"), authority, "x")


def test_while_the_police_ask_to_wait_no_order_is_asked_for(orders: Orders) -> None:
    case, authority = orders.escalated(), orders.authority.organisation_id
    until = clock.now() + timedelta(days=2)
    hold = police_steps.hold(orders.hotline.analyst, case, authority, until, "An investigation.")
    with pytest.raises(Held):
        orders.requested(case)
    police_steps.end_hold(orders.hotline.analyst, case, hold)
    assert orders.requested(case)


def test_only_authorities_are_asked(orders: Orders) -> None:
    case = orders.escalated()
    for nobody in (orders.providers[0], orders.hotline.machine):
        with pytest.raises(UnknownCoordinatingAuthority):
            order_requests.ask(orders.hotline.analyst, case, nobody.organisation_id, "x")
    for text in ("", "x" * 2001):
        with pytest.raises(Invalid):
            order_requests.ask(orders.hotline.analyst, case, orders.authority.organisation_id, text)
    with acting(orders.hotline.analyst):
        assert not OrderRequest.objects.exists()


def test_strangers_see_no_request(orders: Orders, cast: Cast) -> None:
    request = orders.requested()
    other = cast.actor(cast.organisation("Other authority", "authority", "FR"), "investigator")
    for act in (
        lambda: order_requests.load_request(other, request),
        lambda: order_requests.decline(other, request, "x"),
        lambda: issue.issue(other, replace(orders.input(), request=request)),
    ):
        with pytest.raises(UnknownRequest):
            act()
    with acting(other):
        assert not Order.objects.exists()
    with pytest.raises(Forbidden):
        order_requests.decline(orders.reader, request, "x")
    for stranger in (cast.actor(cast.hotline_de, "analyst"), orders.leads[0]):
        with acting(stranger):
            assert not OrderRequest.objects.exists()
        with pytest.raises((Forbidden, UnknownRequest)):
            order_requests.load_request(stranger, request)


def test_a_request_is_erased_with_its_case(orders: Orders) -> None:
    case = orders.escalated()
    request = orders.requested(case)
    with acting(orders.hotline.analyst):
        erase_orders.erase_requests_of(case)
    with acting(orders.issuer):
        assert order_requests.open_count(orders.issuer) == 0, "nothing is left to answer"
    seen = order_requests.load_request(orders.issuer, request)
    assert (seen.said, seen.state) == ({}, OrderRequestState.OPEN)
    with pytest.raises(Conflict):
        order_requests.decline(orders.issuer, request, "It is too late.")
