"""From the order to the effect given: issued once, answered by the recipient, seen by the issuer."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from tests.support.cast import Cast
from tests.support.orders_world import Orders, at, utc
from tutela import clock
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.exchange.takedown.csar_order import MeasureOrder, OrderExecuted, OrderImpossible, RemovalOrder
from tutela.exchange.takedown.order import ContentOrder, EffectGiven, InformationOrder
from tutela.organisations.errors import Erased
from tutela.takedown.errors import (
    BadAnswer,
    FormUsed,
    OneRecipient,
    OrderNotInForce,
    StepNotPossible,
    UnknownOrder,
    UnknownRecipient,
)
from tutela.takedown.models import Order, OrderCopy, OrderKind, OrderState, OrderStep
from tutela.takedown.orders import answer, copies, detail, document, erase_orders, issue, withdraw
from tutela.takedown.orders.answer import EffectInput
from tutela.takedown.orders.state_machine import Side

FORMATS = {
    "content": ContentOrder,
    "information": InformationOrder,
    "removal": RemovalOrder,
    "blocking": MeasureOrder,
    "delisting": MeasureOrder,
    "detection": MeasureOrder,
}


@pytest.fixture
def orders(cast: Cast) -> Orders:
    return Orders(cast)


@pytest.mark.parametrize("kind", OrderKind.values)
def test_an_order_of_every_kind_is_complete_on_its_format(orders: Orders, kind: str) -> None:
    copy = orders.copy(orders.issued(kind))
    name, body = document.order_file(orders.leads[0], copy, Side.RECIPIENT, "json")
    wire = FORMATS[kind].from_bytes(body)
    simulated = kind not in ("content", "information")
    assert ("simulation" in json.loads(body)) is simulated
    assert name.startswith("SIMULATION-") is simulated
    assert wire.provider == orders.providers[0].organisation_name  # type: ignore[attr-defined]
    row = orders.seen(copy).row
    assert (row.simulation, row.addresses) == (simulated, 0 if kind in ("information", "detection") else 2)


def test_the_same_form_is_one_order(orders: Orders) -> None:
    given = orders.input()
    assert issue.issue(orders.issuer, given) == issue.issue(orders.issuer, given)
    with acting(orders.issuer):
        assert Order.objects.count() == 1
        assert OrderStep.objects.count() == 1


def test_an_order_is_answered_with_the_effect(orders: Orders) -> None:
    order = orders.issued()
    copy = orders.copy(order)
    now = clock.now()
    answer.give(orders.leads[0], copy, EffectInput("partly_given", now, (1,), "The other item is lawful."))
    full = detail.load_order(orders.issuer, order)
    (seen,) = full.copies
    assert (seen.state, seen.late, full.unanswered) == (OrderState.PARTLY, False, [])
    assert [effect for _one, effect in seen.places] == [False, True]
    _name, body = document.answer_file(orders.issuer, copy, Side.ISSUER)
    said = EffectGiven.from_bytes(body)
    assert said.locations == ("https://host.example.org/x/2",)
    assert (said.reason, said.reference) == ("The other item is lawful.", full.row.number)
    answer.give(orders.leads[0], copy, EffectInput("given", clock.now()))
    assert orders.state(copy) == OrderState.GIVEN
    with pytest.raises(StepNotPossible):
        answer.give(orders.leads[0], copy, EffectInput("given", clock.now()))


def test_information_is_provided_without_addresses(orders: Orders) -> None:
    copy = orders.copy(orders.issued(OrderKind.INFORMATION))
    answer.give(orders.leads[0], copy, EffectInput("partly_given", clock.now(), reason="No payment data."))
    assert orders.state(copy) == OrderState.PARTLY


def test_a_simulated_order_is_executed_and_never_given_effect(orders: Orders) -> None:
    removal, blocking = (orders.copy(orders.issued(kind)) for kind in (OrderKind.REMOVAL, OrderKind.BLOCKING))
    with pytest.raises(StepNotPossible):
        answer.give(orders.leads[0], removal, EffectInput("given", clock.now()))
    with pytest.raises(BadAnswer) as refused:
        answer.execute(orders.leads[0], removal, "", clock.now())
    assert refused.value.field == "execution"
    for copy in (removal, blocking):
        answer.execute(orders.leads[0], copy, "removed", clock.now())
        assert orders.state(copy) == OrderState.GIVEN
    said = OrderExecuted.from_bytes(document.answer_file(orders.leads[0], removal, Side.RECIPIENT)[1])
    assert (said.simulation, said.execution) == (True, "removed")
    with pytest.raises(StepNotPossible):
        answer.execute(orders.leads[0], orders.copy(orders.issued()), "removed", clock.now())


def test_missing_information_stops_the_clock_until_the_clarification(orders: Orders) -> None:
    with at(utc(2026, 11, 2, 8)):
        order = orders.issued(OrderKind.REMOVAL)
    copy = orders.copy(order)
    with at(utc(2026, 11, 2, 18)):
        answer.cannot_yet(orders.leads[0], copy, "missing_information", "The page has 400 items.")
        said = OrderImpossible.from_bytes(document.answer_file(orders.issuer, copy, Side.ISSUER)[1])
        assert (said.simulation, said.explanation) == (True, "The page has 400 items.")
        assert orders.seen(copy).time.deadline is None
    with at(utc(2026, 11, 4, 9)):
        withdraw.clarify(orders.issuer, copy, "It is the third item.")
        seen = orders.seen(copy)
    assert seen.time.deadline == utc(2026, 11, 5, 9), "a whole period begins"
    assert seen.time.missing == timedelta(hours=39)
    with at(utc(2026, 11, 5, 10)):
        assert orders.seen(copy).overdue
        answer.execute(orders.leads[0], copy, "removed", utc(2026, 11, 5, 8, 59))
    assert not orders.seen(copy).late, "it was executed in time, and only reported late"


def test_a_stop_of_a_dsa_order_moves_its_deadline_by_its_length(orders: Orders) -> None:
    with at(utc(2026, 11, 2, 8)):
        copy = orders.copy(orders.issued(hours=48))
    with at(utc(2026, 11, 3, 8)):
        answer.cannot_yet(orders.leads[0], copy, "missing_information", "Which item?")
    with at(utc(2026, 11, 3, 18)):
        answer.resume(orders.leads[0], copy)
        assert orders.seen(copy).time.deadline == utc(2026, 11, 4, 18)
    with at(utc(2026, 11, 4, 19)):
        answer.give(orders.leads[0], copy, EffectInput("not_given", reason="Nothing is there."))
        assert orders.seen(copy).late


def test_redress_is_recorded_and_the_clock_runs_on(orders: Orders) -> None:
    copy = orders.copy(orders.issued())
    before = orders.seen(copy).time.deadline
    answer.contest(orders.leads[0], copy, "We have appealed.")
    seen = orders.seen(copy)
    assert (seen.state, seen.time.deadline, seen.steps[-1].text) == (OrderState.OPEN, before, "We have appealed.")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"addresses": ()}, "addresses"),
        ({"addresses": (("not an address", ""),)}, "addresses"),
        ({"territory": ()}, "territory"),
        ({"scope_reason": ""}, "scope_reason"),
        ({"reasons": ""}, "reasons"),
        ({"provisions": ()}, "provisions"),
        ({"act": ""}, "act"),
        ({"contact": "nobody"}, "contact"),
        ({"court": ""}, "court"),
        ({"for_provider": ""}, "for_provider"),
        ({"hours": 0}, "hours"),
        ({"recipients": ()}, "recipients"),
        ({"recipients": (uuid4(),)}, "recipients"),
    ],
)
def test_an_incomplete_order_names_its_field_and_stores_nothing(
    orders: Orders, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        issue.issue(orders.issuer, replace(orders.input(), **changed))  # type: ignore[arg-type]
    assert error.value.field == field
    with acting(orders.issuer):
        assert not Order.objects.exists()
        assert not OrderCopy.objects.exists()


def test_recipients_are_verified_providers_and_only_some_orders_have_several(orders: Orders) -> None:
    with pytest.raises(OneRecipient):
        orders.issued(recipients=2)
    hotline = orders.hotline.machine.organisation_id
    with pytest.raises(UnknownRecipient):
        issue.issue(orders.issuer, replace(orders.input(), recipients=(hotline,)))
    with acting(orders.issuer):
        assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (EffectInput("given"), "given_at"),
        (EffectInput("perhaps"), "effect"),
        (EffectInput("not_given"), "reason"),
        (EffectInput("partly_given", utc(2026, 11, 2, 9), (), "x"), "places"),
        (EffectInput("partly_given", utc(2026, 11, 2, 9), (0, 1), "x"), "places"),
        (EffectInput("partly_given", utc(2026, 11, 2, 9), (7,), "x"), "places"),
        (EffectInput("given", utc(2026, 11, 2, 7)), "given_at"),
        (EffectInput("given", utc(2026, 11, 2, 23)), "given_at"),
    ],
)
def test_a_bad_answer_names_its_field_and_changes_nothing(orders: Orders, given: EffectInput, field: str) -> None:
    with at(utc(2026, 11, 2, 8)):
        copy = orders.copy(orders.issued())
    with at(utc(2026, 11, 2, 10)), pytest.raises(BadAnswer) as error:
        answer.give(orders.leads[0], copy, given)
    assert error.value.field == field
    assert orders.state(copy) == OrderState.OPEN


def test_roles_and_strangers(orders: Orders, cast: Cast) -> None:
    order = orders.issued()
    copy, reviewer = orders.copy(order), cast.actor(orders.providers[0], "reviewer")
    steps: tuple[Callable[[], object], ...] = (
        lambda: issue.issue(orders.reader, orders.input()),
        lambda: withdraw.withdraw(orders.reader, order, "x", wrong=True),
        lambda: answer.give(reviewer, copy, EffectInput("given", clock.now())),
        lambda: answer.confirm(reviewer, copy, clock.now()),
        lambda: issue.issue(orders.leads[0], orders.input()),
    )
    for one in steps:
        with pytest.raises(Forbidden):
            one()
    other = cast.actor(cast.organisation("Other authority", "authority", "FR"), "investigator")
    for act in (
        lambda: detail.load_order(other, order),
        lambda: withdraw.clarify(other, copy, "x"),
        lambda: withdraw.withdraw(other, order, "x", wrong=True),
        lambda: detail.load_received(orders.leads[1], copy),
        lambda: answer.give(orders.leads[1], copy, EffectInput("given", clock.now())),
        lambda: document.order_file(orders.leads[1], copy, Side.RECIPIENT, "pdf"),
    ):
        with pytest.raises(UnknownOrder):
            act()
    with acting(orders.leads[1]):
        assert not OrderCopy.objects.exists()
        assert not OrderStep.objects.exists()
    assert orders.state(copy) == OrderState.OPEN


def test_a_document_marks_a_simulation_on_every_page(orders: Orders) -> None:
    many = tuple((f"https://host.example.org/{number}", "") for number in range(90))
    for kind, marked in ((OrderKind.REMOVAL, True), (OrderKind.CONTENT, False)):
        copy = orders.copy(orders.issued(kind, addresses=many))
        row, wire = orders.seen(copy).row, orders.seen(copy).wire
        assert wire is not None
        body = document.as_pdf(row, wire, compress=False)
        pages = body.count(b"/Type /Page\n")
        assert pages > 1
        assert body == document.as_pdf(row, wire, compress=False)
        assert (b"/Title (SIMULATION" in body) is marked
        # The red line at the top of each page; its letters are glyphs of a font.
        assert body.count(b"0.6667 0 0 rg") == (pages if marked else 0)


def test_contents_of_an_order_that_is_over_are_erased_for_both(orders: Orders) -> None:
    with at(utc(2026, 1, 2)):
        done, waiting = (orders.copy(orders.issued()) for _ in range(2))
        answer.give(orders.leads[0], done, EffectInput("not_given", reason="Nothing is there."))
    with acting(orders.issuer):
        erased = list(erase_orders.erase_closed(orders.issuer, utc(2026, 6, 1)))
    assert erased == [(copies.SUBJECT, str(done))]
    seen = orders.seen(done)
    assert (seen.wire, [one.text for one in seen.steps], seen.may) == (None, ["", ""], set())
    with pytest.raises(Erased):
        document.order_file(orders.leads[0], done, Side.RECIPIENT, "json")
    assert orders.seen(waiting).wire is not None


def test_no_row_of_a_simulated_kind_is_without_its_mark(orders: Orders) -> None:
    order = orders.issued(OrderKind.BLOCKING)
    for model, key in ((Order, order), (OrderCopy, orders.copy(order))):
        for changed in ({"simulation": False}, {"kind": OrderKind.CONTENT}):
            with pytest.raises(IntegrityError, match="is_simulation"), acting(orders.issuer):
                model.objects.filter(pk=key).update(**changed)  # type: ignore[attr-defined]


def test_a_form_sent_twice_at_once_is_one_order(orders: Orders) -> None:
    given = orders.input(OrderKind.BLOCKING, recipients=2)

    def issued(_number: int) -> UUID:
        try:
            return issue.issue(orders.issuer, given)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(issued, range(4)))) == 1
    with acting(orders.issuer):
        assert (Order.objects.count(), OrderCopy.objects.count(), OrderStep.objects.count()) == (1, 2, 2)


def test_a_provider_changes_no_row_of_the_authority(orders: Orders) -> None:
    copy = orders.copy(orders.issued())
    with acting(orders.leads[0]):
        assert OrderCopy.objects.filter(pk=copy).update(issuer_name="Somebody else") == 0
    assert orders.seen(copy).row.issuer_name == orders.authority.organisation_name


def test_a_form_that_is_sent_again_with_other_contents_is_refused(orders: Orders) -> None:
    given = orders.input()
    first = issue.issue(orders.issuer, given)
    assert issue.issue(orders.issuer, given) == first
    with pytest.raises(FormUsed):
        issue.issue(orders.issuer, replace(given, reasons="Other reasons."))


def test_a_request_is_answered_by_no_simulated_order(orders: Orders) -> None:
    request = orders.requested()
    with pytest.raises(OrderNotInForce):
        issue.issue(orders.issuer, orders.input(OrderKind.REMOVAL, request=request))
    assert issue.issue(orders.issuer, orders.input(request=request))
