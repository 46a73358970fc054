"""Reports as cases that people of the Centre work on together, and their decisions with undo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.casework.undo.actions import Action
from tutela.events.actor import Actor
from tutela.reports.models import UNSHOWN, Jurisdiction, Report
from tutela.reports.referrals import refer
from tutela.reports.referrals.handling_override import Chosen
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.triage import assess, known_material, next_report, viewing_budget

ASSESS, REFER, MARK = "report.assess", "report.refer", "report.mark_certified"


def _find(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    rows = Report.objects.filter(report_id__in=list(ids)).defer(*UNSHOWN)
    return {
        row.report_id: Case(row.number, reverse("report", args=[row.report_id]), row.erased_at is not None)
        for row in rows
    }


def _following(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    found = next_report.following(actor, without)
    if found is None:
        return None
    row = Report.objects.defer(*UNSHOWN).get(report_id=found)
    return NextCase(
        found,
        row.number,
        reverse("report", args=[found]),
        urgent=row.urgent,
        received_at=row.created_at,
        kinds=row.kinds,
        facts=(
            (_("Urgency"), row.urgency),
            (_("Provider"), row.provider_name),
        ),
    )


def _break_due(actor: Actor) -> bool:
    budget = viewing_budget.mine(actor)
    return budget is not None and budget.advise_break


def _assess(actor: Actor, report_id: UUID, said: Mapping[str, Any]) -> None:
    assess.assess(actor, report_id, said["decision"], said["reason"], seen=said["seen"], code=said["code"])


def _mark(actor: Actor, report_id: UUID, said: Mapping[str, Any]) -> None:
    known_material.mark(actor, report_id)


def _refer(actor: Actor, report_id: UUID, said: Mapping[str, Any]) -> None:
    chosen = said.get("chosen")
    refer.refer(
        actor,
        report_id,
        open_list=said["open_list"],
        chosen=Chosen(tuple(chosen["codes"]), chosen["text"], chosen["reason"]) if chosen else None,
    )


def _jurisdiction(report_id: UUID) -> str:
    rows = Jurisdiction.objects.filter(report__report_id=report_id).order_by("-created_at", "-id")
    return str(rows.values_list("pk", flat=True).first())


CASES = WorkSubject(
    kind=SUBJECT,
    label=_("Report"),
    event_subject="report",
    read="reports.read",
    decide=("reports.assess",),
    disclose="reports.handling",
    find=_find,
    queue="reports",
    desk="centre",
    following=_following,
    break_due=_break_due,
)
ACTIONS = (
    Action(ASSESS, SUBJECT, "reports.assess", _("Decision on relevance"), _assess),
    # It needs no state to rest on: everything is checked again, of the register itself, when it takes effect.
    Action(MARK, SUBJECT, "reports.assess", _("Marking as relevant"), _mark),
    Action(REFER, SUBJECT, "reports.refer", _("Referral to the authority"), _refer, _jurisdiction),
)
