"""Candidates and drafts as cases that people of a provider work on together, and sending as an action with undo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment.subjects import Case, NextCase, WorkSubject
from tutela.casework.exposure import openings
from tutela.casework.undo.actions import Action
from tutela.detection.candidates import viewing_budget
from tutela.detection.cybertipline import submissions
from tutela.detection.drafts import send
from tutela.detection.models import Candidate, Draft, Review, Revision
from tutela.detection.review import review
from tutela.detection.settings import services
from tutela.detection.settings.queries import candidates
from tutela.events.actor import Actor

CANDIDATE, DRAFT = "candidate", "draft"
REJECT, SEND, SEND_TIP = "candidate.reject", "draft.send", "draft.send_tip"
# Without opening anything, the first of so many is offered that is not this person's own decision already.
LOOKED_AT = 200


def _candidates(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    found = Candidate.objects.filter(pk__in=list(ids)).values_list("pk", flat=True)
    return {pk: Case(str(pk)[-12:], reverse("candidate", args=[pk])) for pk in found}


def _drafts(actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    rows = Draft.objects.filter(pk__in=list(ids)).values_list("pk", "number", "found_by")
    return {pk: Case(number, reverse("draft", args=[pk]), found_by is None) for pk, number, found_by in rows}


def _next_candidate(actor: Actor, without: Collection[UUID]) -> NextCase | None:
    taken = {*without, *openings.open_to_anybody(viewing_budget.RULE)}
    states = ["open", "second", *(["disputed"] if actor.can("detection.second_review") else [])]
    rows = candidates().filter(state__in=states).select_related("service")[:LOOKED_AT]
    free = [row for row in rows if row.pk not in taken]
    own = set(
        Review.objects.filter(candidate__in=[row.pk for row in free], by=actor.reference).values_list(
            "candidate", flat=True
        )
    )
    row = next((row for row in free if row.pk not in own or row.state == "disputed"), None)
    if row is None:
        return None
    return NextCase(
        row.pk,
        str(row.pk)[-12:],
        reverse("candidate", args=[row.pk]),
        urgent=row.urgent,
        received_at=row.created_at,
        facts=((_("Service"), row.service.name), (_("Type"), row.media_type or "—")),
    )


def _break_due(actor: Actor) -> bool:
    """By the strictest of the services' terms, because all openings count together."""
    terms = [one.terms for one in services.list_services(actor)]
    return any(viewing_budget.budget(actor, one).advise_break for one in terms)


def _reject(actor: Actor, candidate_id: UUID, said: Mapping[str, Any]) -> None:
    review.decide(actor, candidate_id, review.Opinion(**said))


def _send(actor: Actor, draft_id: UUID, said: Mapping[str, Any]) -> None:
    send.send(actor, draft_id)


def _send_tip(actor: Actor, draft_id: UUID, said: Mapping[str, Any]) -> None:
    submissions.send(actor, draft_id)


def _revision(draft_id: UUID) -> str:
    newest = Revision.objects.filter(draft_id=draft_id).order_by("-number").values_list("number", flat=True).first()
    return str(newest)


CASES = (
    WorkSubject(
        kind=CANDIDATE,
        label=_("Candidate"),
        event_subject="candidate",
        read="detection.read",
        decide=("detection.review",),
        disclose="detection.settings",
        find=_candidates,
        queue="candidates",
        desk="provider",
        following=_next_candidate,
        break_due=_break_due,
    ),
    WorkSubject(
        kind=DRAFT,
        label=_("Report to the Centre"),
        event_subject="report",
        read="detection.read",
        decide=("detection.report",),
        disclose="detection.settings",
        find=_drafts,
        queue="drafts",
        desk="provider",
    ),
)
ACTIONS = (
    # Rejecting deletes the candidate. Everything is checked again when it takes effect.
    Action(REJECT, CANDIDATE, "detection.review", _("Rejection of the candidate"), _reject),
    Action(SEND, DRAFT, "detection.report", _("Report to the Centre"), _send, _revision),
    Action(SEND_TIP, DRAFT, "detection.report", _("Report to the CyberTipline"), _send_tip, _revision),
)
