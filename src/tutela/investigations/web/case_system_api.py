"""API for the authority's own case system: list the inbox, acknowledge, report one or many outcomes."""

from __future__ import annotations

import uuid
from typing import Annotated
from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.exchange.referral.outcome import MOST_CHILDREN, OutcomeKind, ReleaseLevel
from tutela.investigations.referral_work import answers, bulk_outcomes, teams, work_queue
from tutela.investigations.referral_work.child_pseudonyms import MOST_CHARACTERS
from tutela.organisations.messages import inbox
from tutela.organisations.web.api_keys import Key

router = Router(tags=["Authority's inbox"])
_KEYS = uuid5(uuid.NAMESPACE_URL, "https://tutela.example/outcome-api")
MOST_BODY_BYTES = 2 << 20


class AcknowledgementIn(Schema):
    model_config = ConfigDict(extra="forbid")
    file_reference: str = Field("", max_length=300)
    has_files: bool = False


class OutcomeIn(Schema):
    model_config = ConfigDict(extra="forbid")
    kind: OutcomeKind
    reason: str = Field("", max_length=10_000)
    release: ReleaseLevel = ReleaseLevel.CENTRE_ONLY
    # Own references of safeguarded children, the same for the same child in every referral; never names.
    children: list[Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]] = Field(
        [], max_length=MOST_CHILDREN
    )


class TeamIn(Schema):
    model_config = ConfigDict(extra="forbid")
    team: UUID | None


@router.get("/inbox", auth=Key("investigations.read"))
def list_referrals(request: HttpRequest, state: str = "new", page: int = 1) -> JsonResponse:
    """A page of your inbox, urgent first; `state` is new, open, closed, withdrawn, returned or all."""
    rows, more = work_queue.inbox(
        _actor(request), work_queue.ReferralFilter(state=state), page=max(1, min(page, 10_000))
    )
    found = [
        {
            "referral_id": str(row.referral_id),
            "number": row.number,
            "urgent": row.urgent,
            "kinds": row.kinds,
            "received_at": row.created_at.isoformat(),
            "acknowledged": row.acknowledged,
            "closed": row.closed,
            "newest_outcome": row.newest_outcome or None,
            "team": str(row.team_id) if row.team_id else None,
            "expires_at": row.expires_at.isoformat() if row.expires_at else None,
            "sha256": row.sha256,
            "supplement_to": str(row.supplement_to) if row.supplement_to else None,
        }
        for row in rows
    ]
    return JsonResponse({"referrals": found, "more": more})


@router.post("/inbox/{uuid:referral_id}/acknowledgement", auth=Key("investigations.answer"))
def acknowledge(request: HttpRequest, referral_id: UUID, said: AcknowledgementIn) -> JsonResponse:
    """Say that a package arrived, and with `has_files` its sealed files too."""
    answers.acknowledge(_actor(request), referral_id, said.file_reference, has_files=said.has_files)
    return JsonResponse({}, status=201)


@router.post("/inbox/{uuid:referral_id}/outcomes", auth=Key("investigations.answer"))
def outcome(request: HttpRequest, referral_id: UUID, said: OutcomeIn) -> HttpResponse:
    """Say one step of what became of a referral. Needs the header Idempotency-Key: the same key is one step.

    409: the key came with another body before, and this one was not taken.
    """
    key, actor = request.headers.get("Idempotency-Key", ""), _actor(request)
    inbox.check_key(key)
    token = uuid5(_KEYS, key)

    def work() -> tuple[int, str]:
        answers.report_outcome(
            actor,
            referral_id,
            kind=said.kind.value,
            reason=said.reason,
            release=said.release.value,
            token=token,
            children="\n".join(said.children),
        )
        return 201, "{}"

    # A key is one step of one referral; another referral may have the same one.
    named = f"outcome:{referral_id.hex}:{token.hex}"
    status, answer = inbox.once(actor, actor.organisation_id, named, request.body, work)
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/inbox/{uuid:referral_id}/team", auth=Key("investigations.answer"))
def team(request: HttpRequest, referral_id: UUID, said: TeamIn) -> JsonResponse:
    """Give a referral to a team, or with null to none."""
    return JsonResponse({"changed": bool(teams.assign(_actor(request), [referral_id], said.team))})


@router.post("/inbox/outcomes/table", auth=Key("investigations.answer"))
def table(request: HttpRequest, trial: bool = False) -> JsonResponse:
    """Outcomes by a table (CSV), which is the body; with `trial` nothing is changed. Answers with one result a line."""
    body = request.read(MOST_BODY_BYTES + 1)
    if len(body) > MOST_BODY_BYTES:
        raise Invalid("A table can have at most 2 MB.", field="body")
    told = bulk_outcomes.report(_actor(request), body, trial=trial)
    lines = [{"line": one.line.number, "referral": one.line.referral, "error": one.error or None} for one in told]
    return JsonResponse({"lines": lines}, status=200)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    actor.require_verified()
    return actor
