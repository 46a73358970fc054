"""Takedown cases as cases that people of a hotline work on together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.casework.exposure.budget import own_budget
from tutela.casework.exposure.terms import current_terms
from tutela.casework.undo.actions import Action
from tutela.events.actor import Actor
from tutela.takedown.assessment import assess
from tutela.takedown.assessment.assess import Judgement
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.exposure_rule import RULE
from tutela.takedown.models import Stage, TakedownCase

KIND, ASSESS = SUBJECT, "takedown.assess"
LOOKED_AT = 200


def _find(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    rows = TakedownCase.objects.filter(pk__in=list(ids)).values_list("pk", "number", "erased_at")
    return {pk: Case(number, reverse("takedown_case", args=[pk]), erased is not None) for pk, number, erased in rows}


def _following(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    """The first case to assess, then the first to notify."""
    for stage in (Stage.ASSESS, Stage.ACT):
        rows = TakedownCase.objects.filter(stage=stage).defer("sealed_address")
        waiting = rows.order_by("-urgent", "-priority", "reported_at", "pk")[:LOOKED_AT]
        row = next((one for one in waiting if one.pk not in without), None)
        if row is not None:
            return NextCase(
                row.pk,
                row.number,
                reverse("takedown_case", args=[row.pk]),
                urgent=row.urgent,
                received_at=row.reported_at,
                facts=(
                    (_("Stage"), row.get_stage_display()),
                    (_("Source"), row.get_source_display()),
                    (_("Reports"), row.reports),
                ),
            )
    return None


def _break_due(actor: Actor) -> bool:
    return actor.person_id is not None and own_budget(actor, RULE, current_terms(RULE)).advise_break


def judgement(said: Mapping[str, Any]) -> Judgement:
    """A judgement by the values of its form."""
    return Judgement(**{**said, "payments": tuple(said["payments"])})


def _assess(actor: Actor, case_id: UUID, said: Mapping[str, Any]) -> None:
    assess.assess(actor, case_id, judgement(said), looked_up=True)


def _round(case_id: UUID) -> str:
    """What a verdict rests on: the round of the case, and how many verdicts it has."""
    row = TakedownCase.objects.get(pk=case_id)
    return f"{row.round}:{row.assessments.filter(round=row.round).count()}"


CASES = WorkSubject(
    kind=KIND,
    label=_("Takedown case"),
    event_subject=SUBJECT,
    read="takedown.read",
    decide=("takedown.assess", "takedown.notify"),
    disclose="takedown.notify",
    find=_find,
    queue="takedown",
    desk="hotline",
    following=_following,
    break_due=_break_due,
)
ACTIONS = (Action(ASSESS, KIND, "takedown.assess", _("Assessment of the address"), _assess, _round),)
