"""Complaints and reversals as cases that people work on together."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.events.actor import Actor
from tutela.redress.complaints import rows
from tutela.redress.models import Complaint, ComplaintStage, Reversal
from tutela.redress.reversals import hops

LOOKED_AT = 200


def _complaints(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    found = Complaint.objects.filter(pk__in=list(ids)).values_list("pk", "number", "erased_at")
    return {pk: Case(number, reverse("complaint", args=[pk]), erased is not None) for pk, number, erased in found}


def _next_complaint(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    """The open complaint with the earliest deadline that the actor did not decide before."""
    waiting = Complaint.objects.filter(stage=ComplaintStage.OPEN).defer("sealed").order_by("due_at", "id")[:LOOKED_AT]
    row = next((one for one in waiting if one.pk not in without and actor.reference not in one.deciders), None)
    if row is None:
        return None
    return NextCase(
        row.pk,
        row.number,
        reverse("complaint", args=[row.pk]),
        received_at=row.received_at,
        facts=((_("Measure"), row.get_measure_display()), (_("Channel"), row.get_channel_display())),
    )


def _reversals(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    found = Reversal.objects.filter(pk__in=list(ids)).values_list("pk", "number")
    return {pk: Case(number, reverse("reversal", args=[pk])) for pk, number in found}


COMPLAINTS = WorkSubject(
    kind=rows.SUBJECT,
    label=_("Complaint"),
    event_subject=rows.SUBJECT,
    read=rows.READ,
    decide=(rows.DECIDE,),
    disclose=rows.DECIDE,
    find=_complaints,
    queue="complaints",
    following=_next_complaint,
)
REVERSALS = WorkSubject(
    kind=hops.SUBJECT,
    label=_("Reversal"),
    event_subject=hops.SUBJECT,
    read=hops.READ,
    decide=(hops.ANSWER,),
    disclose=hops.ANSWER,
    find=_reversals,
    queue="reversals",
)
