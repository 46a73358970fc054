"""Received notices as cases that people of a provider work on together."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.events.actor import Actor
from tutela.takedown.host_desk.notice_rows import DECIDE, READ, SUBJECT
from tutela.takedown.host_desk.work_queue import ORDER
from tutela.takedown.models import HostState, IncomingNotice

LOOKED_AT = 200


def _find(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    rows = IncomingNotice.objects.filter(pk__in=list(ids)).values_list("pk", "number", "erased_at")
    return {pk: Case(number, reverse("hosting_notice", args=[pk]), erased is not None) for pk, number, erased in rows}


def _following(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    """The first notice to decide."""
    waiting = IncomingNotice.objects.filter(state=HostState.OPEN).defer("sealed").order_by(*ORDER)[:LOOKED_AT]
    row = next((one for one in waiting if one.pk not in without), None)
    if row is None:
        return None
    return NextCase(
        row.pk,
        row.number,
        reverse("hosting_notice", args=[row.pk]),
        urgent=row.trusted,
        received_at=row.received_at,
        facts=((_("Notifier"), row.notifier_name), (_("Addresses"), row.addresses)),
    )


CASES = WorkSubject(
    kind=SUBJECT,
    label=_("Received notice"),
    event_subject=SUBJECT,
    read=READ,
    decide=(DECIDE,),
    disclose=DECIDE,
    find=_find,
    queue="hosting",
    desk="provider",
    following=_following,
)
