"""Referrals as cases that people of an authority work on together, and their answers with undo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.casework.exposure import openings
from tutela.casework.exposure.budget import own_budget
from tutela.casework.exposure.rules import ExposureRule
from tutela.casework.exposure.terms import BudgetTerms
from tutela.casework.undo.actions import Action
from tutela.events.actor import Actor
from tutela.investigations.models import Referral
from tutela.investigations.referral_work import answers

KIND = "referral"
ACKNOWLEDGE, OUTCOME = "referral.acknowledge", "referral.outcome"
# Openings of referrals count for the advice to take a break, and close nothing.
RULE = ExposureRule(KIND, timedelta(hours=1), read="investigations.read")
TERMS = BudgetTerms()
LOOKED_AT = 200


def note_opening(actor: Actor, referral_id: UUID) -> None:
    """Count an opening of a referral for the advice to take a break. Call inside `acting(actor)`."""
    if actor.person_id is not None:
        openings.open_subject(actor, RULE, referral_id, TERMS, urgent=True)


def _find(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    rows = Referral.objects.filter(referral_id__in=list(ids)).values_list("referral_id", "number", "erased_at")
    return {one: Case(number, reverse("referral", args=[one]), erased is not None) for one, number, erased in rows}


def _following(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    """The first referral to acknowledge, then the first that has no outcome yet."""
    for wanted in (
        {"acknowledged": False, "given_back": False},
        {"acknowledged": True, "closed": False, "newest_outcome": ""},
    ):
        rows = Referral.objects.filter(**wanted, withdrawn=False, supplement_to=None).defer("sealed_body", "found_by")
        waiting = rows.order_by("-urgent", "created_at")[:LOOKED_AT]
        row = next((one for one in waiting if one.referral_id not in without), None)
        if row is not None:
            return NextCase(
                row.referral_id,
                row.number,
                reverse("referral", args=[row.referral_id]),
                urgent=row.urgent,
                received_at=row.created_at,
                kinds=row.kinds,
                facts=((_("Centre"), row.centre_name), (_("Reports"), row.reports)),
            )
    return None


def _break_due(actor: Actor) -> bool:
    return actor.person_id is not None and own_budget(actor, RULE, TERMS).advise_break


def _acknowledge(actor: Actor, referral_id: UUID, said: Mapping[str, Any]) -> None:
    answers.acknowledge(actor, referral_id, said["file_reference"], has_files=said.get("has_files", False))


def _outcome(actor: Actor, referral_id: UUID, said: Mapping[str, Any]) -> None:
    answers.report_outcome(
        actor,
        referral_id,
        kind=said["kind"],
        reason=said["reason"],
        release=said["release"],
        token=UUID(said["token"]),
        children=said["children"],
    )


def _standing(referral_id: UUID) -> str:
    """The newest outcome of a referral, and whether it was withdrawn."""
    row = Referral.objects.filter(referral_id=referral_id).defer("sealed_body", "found_by").first()
    newest = row.outcomes.order_by("-created_at", "-pk").values_list("pk", flat=True).first() if row else None
    return f"{newest}:{row is not None and row.withdrawn}"


CASES = WorkSubject(
    kind=KIND,
    label=_("Referral"),
    event_subject="referral",
    read="investigations.read",
    decide=("investigations.answer",),
    disclose="investigations.answer",
    find=_find,
    queue="inbox",
    desk="authority",
    following=_following,
    break_due=_break_due,
)
ACTIONS = (
    Action(ACKNOWLEDGE, KIND, "investigations.answer", _("Acknowledgement"), _acknowledge, _standing),
    Action(OUTCOME, KIND, "investigations.answer", _("Outcome of the referral"), _outcome, _standing),
)
