"""Removal requests, and items of hosts, as cases that people work on together."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.events.actor import Actor
from tutela.victims.host_desk import found_items
from tutela.victims.models import FoundItem, FoundStage, RemovalRequest, RequestStage
from tutela.victims.removal import rows

LOOKED_AT = 200


def _requests(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    found = RemovalRequest.objects.filter(pk__in=list(ids)).values_list("pk", "number", "erased_at")
    return {pk: Case(number, reverse("removal_request", args=[pk]), erased is not None) for pk, number, erased in found}


def _next_request(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    """The request with the earliest deadline that nobody has begun."""
    waiting = RemovalRequest.objects.filter(stage=RequestStage.NEW).defer("sealed").order_by("due_at", "id")
    row = next((one for one in waiting[:LOOKED_AT] if one.pk not in without), None)
    if row is None:
        return None
    return NextCase(
        row.pk,
        row.number,
        reverse("removal_request", args=[row.pk]),
        received_at=row.received_at,
        facts=((_("Request by"), row.get_acts_for_display()), (_("Channel"), row.get_channel_display())),
    )


def _items(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    found = FoundItem.objects.filter(pk__in=list(ids)).values_list("pk", "number", "erased_at")
    return {pk: Case(number, reverse("removal_item", args=[pk]), erased is not None) for pk, number, erased in found}


def _next_item(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    """The item with the earliest deadline."""
    waiting = FoundItem.objects.filter(stage=FoundStage.OPEN).defer("sealed").order_by("due_at", "id")[:LOOKED_AT]
    row = next((one for one in waiting if one.pk not in without), None)
    if row is None:
        return None
    return NextCase(row.pk, row.number, reverse("removal_item", args=[row.pk]), received_at=row.seen_at)


REQUESTS = WorkSubject(
    kind=rows.SUBJECT,
    label=_("Removal request"),
    event_subject=rows.SUBJECT,
    read=rows.READ,
    decide=(rows.WORK,),
    disclose=rows.WORK,
    find=_requests,
    queue="removals",
    following=_next_request,
)
ITEMS = WorkSubject(
    kind=found_items.SUBJECT,
    label=_("Item of a removal request"),
    event_subject=found_items.SUBJECT,
    read=found_items.READ,
    decide=(found_items.REVIEW,),
    disclose=found_items.REVIEW,
    find=_items,
    queue="removal_items",
    desk="provider",
    following=_next_item,
)
