"""Orders in a browser: an authority writes, a provider answers, a hotline asks; and who sees nothing."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client

from tests.support.cast import Cast
from tests.support.orders_world import Orders, days, fields_of
from tutela.events.transaction import acting
from tutela.takedown.models import Order, OrderKind, OrderRequest, OrderState, OrderStep

NOT_IN_FORCE = "SIMULATION"


@pytest.fixture
def orders(cast: Cast) -> Orders:
    return Orders(cast)


def posted(orders: Orders, kind: str, many: int = 1, **changed: Any) -> dict[str, Any]:
    """The form of a new order, as a browser sends it."""
    said = dict(fields_of(kind))
    lines = {name: "\n".join(said[name]) for name in ("provisions", "accounts", "information") if name in said}
    if "addresses" in said:
        lines["addresses"] = "\n".join(" ".join(one).strip() for one in said["addresses"])
    chosen = [str(one.organisation_id) for one in orders.providers[:many]]
    dates = {name: day.isoformat() for name, day in days().items() if name in said}
    form = {**said, **lines, **dates, "recipients": chosen, "token": str(uuid4()), "language": "en", "hours": "48"}
    return {**form, **changed}


def only_order(orders: Orders) -> Order:
    with acting(orders.issuer):
        return Order.objects.get()


def test_an_order_from_the_form_to_the_answer(orders: Orders) -> None:
    authority = orders.cast.client(orders.authority, "investigator")
    provider = orders.cast.client(orders.providers[0], "lead")
    assert "No order matches this filter" in authority.get("/desk/orders/").content.decode()
    form = posted(orders, "content")
    for _ in range(2):
        answer = authority.post("/desk/orders/new/content/", form)
        assert answer.status_code == 302, answer.content.decode()
    order = only_order(orders)
    assert answer.headers["Location"] == f"/desk/orders/{order.pk}/"
    assert order.number in authority.get("/desk/orders/").content.decode()
    copy = orders.copy(order.pk)
    page = f"/desk/hosting/orders/{copy}/"
    listed = provider.get("/desk/hosting/orders/").content.decode()
    assert order.number in listed
    assert "due in" in listed
    shown = provider.get(page).content.decode()
    assert "https://host.example.org/x/2" in shown
    assert "second item on the page" in shown
    assert NOT_IN_FORCE not in shown
    provider.post(f"{page}effect/", {"effect": "partly_given", "given_at": "2026-01-01T10:00", "reason": "x"})
    assert "Choose the addresses with effect" in provider.get(page).content.decode()
    provider.post(f"{page}effect/", {"effect": "not_given"})
    assert "reason is required" in provider.get(page).content.decode()
    provider.post(f"{page}impossible/", {"because": "missing_information", "reason": "Which item?"})
    assert "clock stopped" in provider.get(page).content.decode()
    assert "Which item?" in authority.get(f"/desk/orders/{order.pk}/").content.decode()
    authority.post(f"/desk/orders/copies/{copy}/clarify/", {"text": "The first one."})
    assert "The first one." in provider.get(page).content.decode()
    for _ in range(2):
        provider.post(f"{page}effect/", {"effect": "not_given", "reason": "Nothing is there."})
    assert "This step is not possible now" in provider.get(page).content.decode()
    with acting(orders.issuer):
        assert OrderStep.objects.filter(kind="not_given").count() == 1
    assert "Nothing is there." in authority.get(f"/desk/orders/{order.pk}/").content.decode()
    assert order.number in authority.get("/desk/orders/?view=answered").content.decode()
    assert order.number in authority.get("/desk/orders/?view=all&format=csv").content.decode()
    assert order.number in provider.get("/desk/hosting/orders/?view=answered&format=csv").content.decode()
    assert order.number not in provider.get("/desk/hosting/orders/").content.decode()


@pytest.mark.parametrize("kind", [one for one in OrderKind.values if one != "content"])
def test_every_kind_is_written_and_marked_for_what_it_is(orders: Orders, kind: str) -> None:
    authority = orders.cast.client(orders.authority, "investigator")
    provider = orders.cast.client(orders.providers[0], "lead")
    simulated, before = kind != "information", len(mail.outbox)
    assert (NOT_IN_FORCE in authority.get(f"/desk/orders/new/{kind}/").content.decode()) is simulated
    answer = authority.post(f"/desk/orders/new/{kind}/", posted(orders, kind))
    assert answer.status_code == 302, answer.content.decode()
    order = only_order(orders)
    copy = orders.copy(order.pk)
    pages = ((authority, f"/desk/orders/{order.pk}/"), (provider, f"/desk/hosting/orders/{copy}/"))
    for client, page in (*pages, (provider, "/desk/hosting/orders/")):
        assert (NOT_IN_FORCE in client.get(page).content.decode().replace("About this list", "")) is simulated, page
    for client, base in ((authority, f"/desk/orders/copies/{copy}/"), (provider, f"/desk/hosting/orders/{copy}/")):
        file = client.get(f"{base}order.json")
        assert json.loads(file.content).get("simulation", False) is simulated
        assert (NOT_IN_FORCE in file.headers["Content-Disposition"]) is simulated
        document = client.get(f"{base}order.pdf")
        assert document.content.startswith(b"%PDF")
        assert (NOT_IN_FORCE in document.headers["Content-Disposition"]) is simulated
        assert client.get(f"{base}answer.json").status_code == 404
    assert len(mail.outbox) == before, "no order is sent by e-mail"


def test_a_wrong_block_is_reversed_at_every_recipient(orders: Orders) -> None:
    authority = orders.cast.client(orders.authority, "investigator")
    providers = [orders.cast.client(one, "lead") for one in orders.providers]
    assert authority.post("/desk/orders/new/blocking/", posted(orders, "blocking", 2)).status_code == 302
    order = only_order(orders)
    page, names = f"/desk/orders/{order.pk}/", [one.organisation_name for one in orders.providers]
    authority.post(f"{page}withdraw/", {"reason": ""})
    assert "Reason: This field is required" in authority.get(page).content.decode()
    for _ in range(2):
        authority.post(f"{page}withdraw/", {"reason": "A wrong address.", "wrong": "on"})
    shown = authority.get(page).content.decode()
    assert "already withdrawn" in shown
    heading = "Recipients that have not confirmed the reversal"
    assert heading in shown
    assert "2 of 2 not reversed" in authority.get("/desk/orders/?view=reversing").content.decode()
    assert "Withdrawn orders to reverse" in providers[0].get("/desk/").content.decode()
    for place, client in enumerate(providers):
        own = f"/desk/hosting/orders/{orders.copy(order.pk, place)}/"
        assert "Reverse your measures" in client.get(own).content.decode()
        client.post(f"{own}confirm/", {"reversed_at": ""})
        assert "No measure is in place since: This field is required" in client.get(own).content.decode()
        left = authority.get(page).content.decode().partition(heading)[2].partition("</section>")[0]
        assert [name in left for name in names] == [one >= place for one in (0, 1)]
        moment = orders.seen(orders.copy(order.pk, place), place).steps[-1].created_at
        client.post(f"{own}confirm/", {"reversed_at": moment.isoformat(), "text": "Done."})
        assert orders.state(orders.copy(order.pk, place), place) == OrderState.REVERSED
    assert heading not in authority.get(page).content.decode()


@pytest.mark.parametrize(
    ("kind", "changed", "said"),
    [
        ("content", {"addresses": ""}, "This field is required"),
        ("content", {"addresses": "https://a.example/1\nno address"}, "Line 2:"),
        (
            "content",
            {"addresses": "https://a.example/1\nhttps://A.example:443/1"},
            "Line 2: this address is there twice",
        ),
        ("content", {"addresses": "http://abc.onion/"}, "Line 1:"),
        ("content", {"territory": ["XX"]}, "XX is not one of the available choices"),
        ("content", {"hours": "0"}, "greater than or equal to 1"),
        ("content", {"recipients": [str(uuid4())]}, "not one of the available choices"),
        ("content", {"contact": "nobody"}, "valid email address"),
        ("content", {"reasons": "x\x07"}, ""),
        ("information", {"information": ""}, "This field is required"),
        ("removal", {"grounds": []}, "This field is required"),
        ("blocking", {"begins": "2020-01-01"}, "begins must be after issued_at"),
        ("detection", {"detects": []}, "This field is required"),
    ],
)
def test_a_wrong_form_says_which_field_and_stores_nothing(
    orders: Orders, kind: str, changed: dict[str, Any], said: str
) -> None:
    authority = orders.cast.client(orders.authority, "investigator")
    answer = authority.post(f"/desk/orders/new/{kind}/", posted(orders, kind, **changed))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert "errorlist" in answer.content.decode()
    with acting(orders.issuer):
        assert not Order.objects.exists()


def test_a_hotline_asks_and_the_request_fills_the_order(orders: Orders) -> None:
    case = orders.escalated()
    hotline = orders.cast.client(orders.hotline.machine, "analyst")
    authority = orders.cast.client(orders.authority, "investigator")
    page = f"/desk/takedown/{case}/"
    assert "Ask for an order" in hotline.get(page).content.decode()
    hotline.post(f"{page}order-request/", {"authority": str(uuid4()), "reason": "x"})
    assert "verified authority" in hotline.get(page).content.decode()
    form = {"authority": str(orders.authority.organisation_id), "reason": "The host has refused."}
    for _ in range(2):
        hotline.post(f"{page}order-request/", form)
    assert "has not answered your last request" in hotline.get(page).content.decode()
    with acting(orders.hotline.analyst):
        request = OrderRequest.objects.get()
    assert "Requests for orders to decide" in authority.get("/desk/").content.decode()
    assert request.number in authority.get("/desk/orders/requests/").content.decode()
    shown = authority.get(f"/desk/orders/requests/{request.pk}/").content.decode()
    assert "The host has refused." in shown
    new = f"/desk/orders/new/content/?request={request.pk}"
    filled = authority.get(new).content.decode()
    assert "https://host-" in filled
    assert request.number in filled
    assert authority.post(new, posted(orders, "content")).status_code == 302
    order = only_order(orders)
    assert order.number in hotline.get(page).content.decode()
    assert "already answered" in authority.post(new, posted(orders, "content")).content.decode()
    assert authority.get("/desk/orders/new/content/?request=nothing").status_code == 404
    assert authority.get(f"/desk/orders/new/content/?request={uuid4()}").status_code == 404
    assert authority.get("/desk/orders/new/nothing/").status_code == 404


def test_a_declined_request_is_shown_to_the_hotline(orders: Orders) -> None:
    case = orders.escalated()
    request = orders.requested(case)
    authority = orders.cast.client(orders.authority, "investigator")
    page = f"/desk/orders/requests/{request}/"
    authority.post(f"{page}decline/", {"reason": ""})
    assert "Reason: This field is required" in authority.get(page).content.decode()
    authority.post(f"{page}decline/", {"reason": "Another authority is competent."})
    hotline = orders.cast.client(orders.hotline.machine, "analyst")
    assert "Another authority is competent." in hotline.get(f"/desk/takedown/{case}/").content.decode()
    assert "declined" in authority.get("/desk/orders/requests/?state=declined&format=csv").content.decode()


def test_orders_are_found_and_counted(orders: Orders) -> None:
    order = orders.issued()
    with acting(orders.issuer):
        number = Order.objects.get(pk=order).number
    authority = orders.cast.client(orders.authority, "analyst")
    provider = orders.cast.client(orders.providers[0], "reviewer")
    assert f"/desk/orders/{order}/" in authority.post("/desk/search/", {"q": number}).content.decode()
    copy = orders.copy(order)
    assert f"/desk/hosting/orders/{copy}/" in provider.post("/desk/search/", {"q": number}).content.decode()
    assert "Orders to answer" in provider.get("/desk/").content.decode()
    stranger = orders.cast.client(orders.providers[1], "lead")
    assert str(copy) not in stranger.post("/desk/search/", {"q": number}).content.decode()


def _get(clients: list[Client], page: str) -> set[int]:
    return {one.get(page).status_code for one in clients}


def test_who_may_not_sees_nothing(orders: Orders, cast: Cast) -> None:
    order, request = orders.issued(), orders.requested()
    copy = orders.copy(order)
    issuer_pages = ("", f"{order}/", f"copies/{copy}/order.json", f"copies/{copy}/order.pdf", f"requests/{request}/")
    other = cast.organisation("Other authority", "authority", "FR")
    strangers = [cast.client(*one) for one in ((cast.hotline_de, "analyst"), (cast.centre, "lead"))]
    for page in issuer_pages:
        assert _get([*strangers, cast.client(orders.providers[0], "lead")], f"/desk/orders/{page}") == {404}
        assert Client().get(f"/desk/orders/{page}").status_code == 302
    for page in issuer_pages[1:]:
        assert _get([cast.client(other, "investigator")], f"/desk/orders/{page}") == {404}
    for page in ("", "order.json", "order.pdf"):
        address = f"/desk/hosting/orders/{copy}/{page}"
        assert _get([*strangers, cast.client(orders.providers[1], "lead")], address) == {404}
        assert Client().get(address).status_code == 302
    reader, reviewer = cast.client(orders.authority, "analyst"), cast.client(orders.providers[0], "reviewer")
    assert "Withdraw order" not in reader.get(f"/desk/orders/{order}/").content.decode()
    assert "Send answer" not in reviewer.get(f"/desk/hosting/orders/{copy}/").content.decode()
    assert reader.get("/desk/orders/new/content/").status_code == 404
    _nobody_acts(orders, cast, order, copy, request, other)


def _nobody_acts(orders: Orders, cast: Cast, order: UUID, copy: UUID, request: UUID, other: Any) -> None:
    issuer_acts = (
        f"/desk/orders/{order}/withdraw/",
        f"/desk/orders/copies/{copy}/clarify/",
        f"/desk/orders/requests/{request}/decline/",
    )
    own = f"/desk/hosting/orders/{copy}/"
    steps = ("effect", "execution", "impossible", "resume", "contest", "confirm")
    form = {"reason": "x", "text": "x", "effect": "not_given"}
    for client in (cast.client(orders.authority, "analyst"), cast.client(other, "investigator")):
        assert {client.post(one, form).status_code for one in issuer_acts} == {404}
    for client in (cast.client(orders.providers[0], "reviewer"), cast.client(orders.providers[1], "lead")):
        assert {client.post(f"{own}{step}/", form).status_code for step in steps} == {404}
    stranger = cast.client(cast.hotline_de, "analyst")
    assert stranger.post(f"/desk/takedown/{orders.escalated()}/order-request/", form).status_code == 404
    with acting(orders.issuer):
        assert OrderStep.objects.count() == 1


def test_an_effect_without_a_time_was_given_now(orders: Orders) -> None:
    provider = orders.cast.client(orders.providers[0], "lead")
    copy = orders.copy(orders.issued())
    page = f"/desk/hosting/orders/{copy}/"
    answered = provider.post(f"{page}effect/", {"effect": "given"}, follow=True).content.decode()
    assert "The answer is sent." in answered
    assert orders.state(copy) == OrderState.GIVEN
