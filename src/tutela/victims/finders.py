"""What the desks make findable: requests by number, ID, digest and address; items of hosts by number and ID."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.anonymous import inbox
from tutela.casework.search import keys as search_keys
from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor
from tutela.exchange.takedown.web_address import AddressInvalidError, normalise
from tutela.victims.host_desk import found_items
from tutela.victims.models import (
    Fingerprint,
    FoundItem,
    HotlineHandover,
    RemovalRequest,
    RequestAccess,
    RequestedAddress,
)
from tutela.victims.removal import addresses, rows

KINDS = frozenset({ValueKind.NUMBER, ValueKind.ID, ValueKind.DIGEST, ValueKind.ADDRESS})
ITEM_KINDS = frozenset({ValueKind.NUMBER, ValueKind.ID})


def _requests(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    wanted = Q(number__in=numbers) | Q(pk__in=ids)
    if numbers:
        wanted |= Q(pk__in=HotlineHandover.objects.filter(hotline_reference__in=numbers).values("request"))
        # The person and a representative know only the number of their own conversation.
        wanted |= Q(pk__in=RequestAccess.objects.filter(conversation_id__in=inbox.ids_of(numbers)).values("request"))
    digests = [one for one in values if one.kind is ValueKind.DIGEST]
    if digests:
        keys = search_keys.keys_of(actor.organisation_id, digests)
        wanted |= Q(pk__in=Fingerprint.objects.filter(found_by__overlap=keys).values("request"))
    for text in of_kinds(values, ValueKind.ADDRESS):
        try:
            key = addresses.key_of(actor, normalise(text).normal)
        except AddressInvalidError:
            continue
        wanted |= Q(pk__in=RequestedAddress.objects.filter(found_by__contains=[key]).values("request"))
    found = RemovalRequest.objects.filter(wanted).defer("sealed").order_by("-received_at", "-pk")[:most]
    return [
        Found(
            rows.SUBJECT,
            one.pk,
            one.number,
            reverse("removal_request", args=[one.pk]),
            one.get_stage_display(),
            one.received_at,
        )
        for one in found
    ]


def _items(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    wanted = Q(number__in=of_kinds(values, ValueKind.NUMBER)) | Q(pk__in=of_kinds(values, ValueKind.ID))
    found = FoundItem.objects.filter(wanted).defer("sealed").order_by("-seen_at", "-pk")[:most]
    return [
        Found(
            found_items.SUBJECT,
            one.pk,
            one.number,
            reverse("removal_item", args=[one.pk]),
            one.get_stage_display(),
            one.seen_at,
        )
        for one in found
    ]


FINDERS = (
    Finder(rows.SUBJECT, _("Removal requests"), rows.READ, KINDS, _requests, is_case=True),
    Finder(found_items.SUBJECT, _("Items of removal requests"), found_items.READ, ITEM_KINDS, _items, is_case=True),
)
