"""What the desks make findable: cases by number, reference, ID and address; notices, orders, requests by number, ID."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor
from tutela.exchange.takedown.web_address import AddressInvalidError, normalise
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.host_desk import host_cases, notice_rows
from tutela.takedown.intake.address_keys import address_key
from tutela.takedown.models import IncomingCase, IncomingNotice, Notice, Order, OrderRequest, TakedownCase, Transfer
from tutela.takedown.orders import copies

DESK, PERMISSION = "hotline", "takedown.read"
ORDER_DESK = "authority"
KINDS = frozenset({ValueKind.NUMBER, ValueKind.ID, ValueKind.ADDRESS})


def _cases(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    wanted = Q(number__in=numbers) | Q(pk__in=ids)
    if numbers:
        wanted |= Q(pk__in=Notice.objects.filter(number__in=numbers).values("case"))
    wanted |= _of_partners(numbers)
    for text in of_kinds(values, ValueKind.ADDRESS):
        try:
            wanted |= Q(address_key=address_key(actor.organisation_id, normalise(text)))
        except AddressInvalidError:
            continue
    rows = TakedownCase.objects.filter(wanted).defer("sealed_address").order_by("-reported_at", "-pk")[:most]
    return [
        Found(
            SUBJECT,
            row.pk,
            row.number,
            reverse("takedown_case", args=[row.pk]),
            row.get_stage_display(),
            row.reported_at,
        )
        for row in rows
    ]


def _of_partners(numbers: Sequence[str]) -> Q:
    """Cases that a partner hotline knows by one of these references, in whichever letters, whoever sent them."""
    found = Q(pk__in=())
    for one in numbers:
        sent = Transfer.objects.filter(Q(partner_reference__iexact=one) | Q(reference=one)).values("case")
        found |= Q(pk__in=sent) | Q(pk__in=IncomingCase.objects.filter(reference__iexact=one).values("places__case"))
    return found


def _received(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    wanted = Q(number__in=numbers) | Q(reference__in=numbers) | Q(pk__in=ids)
    rows = IncomingNotice.objects.filter(wanted).defer("sealed").order_by("-received_at", "-pk")[:most]
    return [
        Found(
            notice_rows.SUBJECT,
            row.pk,
            row.number,
            reverse("hosting_notice", args=[row.pk]),
            row.get_state_display(),
            row.received_at,
        )
        for row in rows
    ]


def _issued(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    rows = Order.objects.filter(Q(number__in=numbers) | Q(pk__in=ids)).order_by("-issued_at", "-pk")[:most]
    return [
        Found("order", row.pk, row.number, reverse("order", args=[row.pk]), row.get_kind_display(), row.issued_at)
        for row in rows
    ]


def _received_orders(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    rows = copies.received(actor).filter(Q(number__in=numbers) | Q(order__in=ids) | Q(pk__in=ids))
    rows = rows.defer("sealed").order_by("-received_at", "-pk")[:most]
    return [
        Found(
            "order_copy",
            row.pk,
            row.number,
            reverse("hosting_order", args=[row.pk]),
            row.get_kind_display(),
            row.received_at,
        )
        for row in rows
    ]


def _order_requests(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    rows = OrderRequest.objects.filter(Q(number__in=numbers) | Q(pk__in=ids), grantee_id=actor.organisation_id)
    return [
        Found("order_request", row.pk, row.number, reverse("order_request", args=[row.pk]), "", row.created_at)
        for row in rows.defer("sealed").order_by("-created_at", "-pk")[:most]
    ]


HOST_KINDS = frozenset({ValueKind.NUMBER, ValueKind.ID})
FINDERS = (
    Finder(SUBJECT, _("Takedown cases"), PERMISSION, KINDS, _cases, DESK, is_case=True),
    Finder(
        notice_rows.SUBJECT,
        _("Received notices"),
        notice_rows.READ,
        HOST_KINDS,
        _received,
        host_cases.CASES.desk,
        is_case=True,
    ),
    Finder("order", _("Orders"), copies.READ, HOST_KINDS, _issued, ORDER_DESK),
    Finder("order_request", _("Requests for orders"), copies.READ, HOST_KINDS, _order_requests, ORDER_DESK),
    Finder("order_copy", _("Received orders"), notice_rows.READ, HOST_KINDS, _received_orders, host_cases.CASES.desk),
)
