"""Hand-overs as cases that people work on together, and how the search finds them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.casework.hand_overs import rows
from tutela.casework.models import AgencyHandOver, HandOverState, Way
from tutela.casework.search.finders import Finder, Found
from tutela.casework.search.values import Value, ValueKind, of_kinds
from tutela.events.actor import Actor

LOOKED_AT = 200


def _cases(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    found = AgencyHandOver.objects.filter(pk__in=list(ids)).values_list("pk", "number", "erased_at")
    return {
        pk: Case(number, reverse("hand_over_detail", args=[pk]), erased is not None) for pk, number, erased in found
    }


def _next(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    """The received hand-over with the earliest day that nobody has accepted or refused."""
    waiting = AgencyHandOver.objects.filter(way=Way.RECEIVED, state=HandOverState.RECEIVED).order_by("due_on", "id")
    row = next((one for one in waiting[:LOOKED_AT] if one.pk not in without), None)
    if row is None:
        return None
    return NextCase(
        row.pk,
        row.number,
        reverse("hand_over_detail", args=[row.pk]),
        urgent=row.urgent,
        received_at=row.created_at,
        facts=((_("From"), row.agency_name), (_("Needed"), row.get_need_display())),
    )


def _found(actor: Actor, values: Sequence[Value], most: int) -> list[Found]:
    numbers, ids = of_kinds(values, ValueKind.NUMBER), of_kinds(values, ValueKind.ID)
    wanted = Q(number__in=numbers) | Q(reference__in=numbers) | Q(pk__in=ids)
    return [
        Found(
            rows.SUBJECT,
            one.pk,
            one.number,
            reverse("hand_over_detail", args=[one.pk]),
            one.get_state_display(),
            one.created_at,
        )
        for one in AgencyHandOver.objects.filter(wanted).order_by("-created_at", "-pk")[:most]
    ]


HAND_OVERS = WorkSubject(
    kind=rows.SUBJECT,
    label=_("Hand-over"),
    event_subject=rows.SUBJECT,
    read=rows.READ,
    decide=(rows.WORK,),
    disclose=rows.WORK,
    find=_cases,
    queue="hand_overs_list",
    following=_next,
)
FINDER = Finder(
    rows.SUBJECT, _("Hand-overs"), rows.READ, frozenset({ValueKind.NUMBER, ValueKind.ID}), _found, is_case=True
)
