"""Indicators as cases that people of one organisation work on together. Other members see none of it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.events.actor import Actor
from tutela.indicators.lifecycle.queries import to_certify
from tutela.indicators.models import Indicator
from tutela.organisations.people import directory

KIND = "indicator"
# The first of so many is offered that no colleague has claimed and nobody passed.
LOOKED_AT = 200


def _find(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    rows = Indicator.objects.filter(pk__in=list(ids)).values_list("pk", "number", "erasure")
    return {pk: Case(number, reverse("indicator", args=[pk]), erased is not None) for pk, number, erased in rows}


def _following(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    """The newest proposal of another organisation that the actor's organisation has not certified, and nothing holds.

    Its metadata only. Certifying needs an own copy of the item, so the person decides whether to open it.
    """
    if not actor.on_register:
        return None
    found = next((one for one in to_certify(actor.organisation_id, LOOKED_AT) if one not in without), None)
    if found is None:
        return None
    row = Indicator.objects.get(pk=found)
    return NextCase(
        found,
        row.number,
        reverse("indicator", args=[found]),
        received_at=row.created_at,
        facts=(
            (_("Type"), row.get_media_type_display()),
            (_("Classification"), row.classification),
            (_("Proposed by"), directory.names([row.organisation_id])[row.organisation_id]),
        ),
    )


CASES = WorkSubject(
    kind=KIND,
    label=_("Indicator"),
    event_subject="indicator",
    read="indicators.read",
    decide=("indicators.certify", "indicators.dispute", "indicators.revoke"),
    disclose="indicators.read",
    find=_find,
    queue="indicators",
    following=_following,
)
