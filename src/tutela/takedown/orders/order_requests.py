"""Requests of a hotline to an authority for an order: the end of the escalation of a notice.

1. The host has refused, or its notices passed every level: host, network, registrar.
2. The authority sees the address, the label and what the notices came to. It issues an order or declines with a reason.
3. After a refusal the hotline may ask again; while a request is open, not.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.errors import Erased
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown import case_rows
from tutela.takedown.errors import (
    AlreadyRequested,
    NotEscalated,
    NotIllegal,
    RequestAnswered,
    UnknownCoordinatingAuthority,
    UnknownRequest,
)
from tutela.takedown.intake.open_case import address_of
from tutela.takedown.models import (
    OrderRequest,
    OrderRequestAnswer,
    OrderRequestState,
    StepKind,
    TakedownCase,
    Verdict,
)
from tutela.takedown.notices import compose, notify
from tutela.takedown.orders import shared_key
from tutela.takedown.orders.copies import ISSUE, READ
from tutela.takedown.police import police_steps

PREFIX, SUBJECT = "Q", "order_request"
ASKED = ("coordinating_authority", "authority")
PER_PAGE, MOST_CHARACTERS = 50, 2000


@dataclass(frozen=True)
class RequestView:
    """A request with what it says, and the reason of a refusal. Both are empty once the contents are erased."""

    row: OrderRequest
    said: dict[str, Any]
    answer: OrderRequestAnswer | None
    reason: str

    @property
    def state(self) -> OrderRequestState:
        """Open until the authority answers."""
        return OrderRequestState(self.answer.state) if self.answer else OrderRequestState.OPEN


def authorities(actor: Actor) -> list[DirectoryEntry]:
    """Authorities that can be asked: Coordinating Authorities first, those of the own country first."""
    own = directory.entry(actor.organisation_id).country
    found = [one for kind in ASKED for one in directory.list_organisations(kind=kind) if one.verified]
    return sorted(found, key=lambda one: (one.kind != ASKED[0], one.country != own, one.country, one.name))


def may_ask(case: TakedownCase) -> bool:
    """Whether the escalation of the notices is at its end. Call inside `acting(actor)`."""
    notices = list(case_rows.notices_of_round(case).values_list("state", flat=True))
    levels = 1 + notices.count(StepKind.ESCALATED)
    return case.verdict == Verdict.ILLEGAL and (StepKind.REFUSED in notices or levels >= compose.COORDINATING_AUTHORITY)


def ask(actor: Actor, case_id: UUID, authority: UUID, reason: str) -> UUID:
    """Ask an authority for an order; returns the ID.

    Raises `NotIllegal`, `NotEscalated`, `Held`, `AlreadyRequested`, `UnknownCoordinatingAuthority`.
    """
    actor.require(notify.NOTIFY)
    if not 1 <= len(reason.strip()) <= MOST_CHARACTERS:
        raise Invalid("Enter why an order is needed.", field="reason")
    whom = next((one for one in authorities(actor) if one.id == authority), None)
    if whom is None:
        raise UnknownCoordinatingAuthority

    def work() -> UUID:
        with acting(actor):
            return _asked(actor, case_rows.locked_open(case_id), whom, reason.strip())

    return redrawn(work)


def of_case(case: TakedownCase) -> list[RequestView]:
    """The requests about a case, the newest first. Call inside `acting(actor)`."""
    return [_view(row) for row in case.order_requests.select_related("answer").order_by("-created_at")]


def list_requests(actor: Actor, state: str, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the requests to an authority, the oldest open ones first, and whether there is more."""
    actor.require(READ)
    with acting(actor):
        found = _received(actor).select_related("answer").defer("sealed")
        if state == OrderRequestState.OPEN:
            found = unanswered(found).order_by("created_at", "pk")
        else:
            found = found.order_by("-created_at", "-pk")
            found = found.filter(answer__state=state) if state in OrderRequestState.values else found
        rows, more = part.of(found, {}, PER_PAGE)
        noted(actor, SUBJECT, (row.pk for row in rows), part, state=state)
        for row in rows:
            row.state = getattr(getattr(row, "answer", None), "state", OrderRequestState.OPEN)
            row.state_label = OrderRequestState(row.state).label
        return rows, more


def load_request(actor: Actor, request_id: UUID) -> RequestView:
    """A request as its authority sees it; the view is recorded. Raises `UnknownRequest`."""
    actor.require(READ)
    with acting(actor):
        row = _find(actor, request_id)
        record(actor, "order_request.viewed", SUBJECT, row.pk)
        return _view(row)


def decline(actor: Actor, request_id: UUID, reason: str) -> None:
    """Decline a request, with the reason that the hotline reads. Raises `RequestAnswered`, `UnknownRequest`."""
    actor.require(ISSUE)
    if not 1 <= len(reason.strip()) <= MOST_CHARACTERS:
        raise Invalid("Enter why no order is issued.", field="reason")
    with acting(actor):
        _answer(actor, _find(actor, request_id), OrderRequestState.DECLINED, "", reason.strip())


def answer_with(actor: Actor, request_id: UUID, order_number: str) -> None:
    """Answer a request with an order. Raises `RequestAnswered`, `UnknownRequest`. Call inside `acting(actor)`."""
    _answer(actor, _find(actor, request_id), OrderRequestState.ORDERED, order_number, "")


def exists(actor: Actor, request_id: UUID) -> bool:
    """Whether the actor's organisation received this request."""
    with acting(actor):
        return bool(_received(actor).filter(pk=request_id).exists())


def open_count(actor: Actor) -> int:
    """Number of requests that the actor's authority has not answered. Call inside `acting(actor)`."""
    return int(unanswered(_received(actor)).count())


def unanswered(rows: Any) -> Any:
    """Requests to answer. One whose case is erased has no contents any more, and needs no answer."""
    return rows.filter(answer=None).exclude(wrapped_key=b"")


def _received(actor: Actor) -> Any:
    return OrderRequest.objects.filter(grantee_id=actor.organisation_id)


def _find(actor: Actor, request_id: UUID) -> OrderRequest:
    row = _received(actor).select_related("answer").filter(pk=request_id).first()
    if row is None:
        raise UnknownRequest
    return row  # type: ignore[no-any-return]


def _view(row: OrderRequest) -> RequestView:
    answer: OrderRequestAnswer | None = getattr(row, "answer", None)
    said: dict[str, Any] = {}
    reason = ""
    with contextlib.suppress(Erased):
        box = shared_key.box(row.pk, row.wrapped_key)
        said = shared_key.unseal_json(box, row.sealed, _purpose(row.pk))
        reason = shared_key.unseal_json(box, answer.sealed, _purpose(answer.pk)) if answer else ""
    return RequestView(row, said, answer, reason)


def _asked(actor: Actor, case: TakedownCase, whom: DirectoryEntry, reason: str) -> UUID:
    if case.verdict != Verdict.ILLEGAL:
        raise NotIllegal
    # While the police ask to wait, nothing that could reach the host leaves.
    police_steps.require_done(case)
    if not may_ask(case):
        raise NotEscalated
    before = list(case.order_requests.filter(grantee_id=whom.id).select_related("answer").order_by("turn"))
    if before and getattr(before[-1], "answer", None) is None:
        raise AlreadyRequested
    row = OrderRequest(
        organisation_id=actor.organisation_id,
        case=case,
        grantee_id=whom.id,
        number=case_number(PREFIX),
        hotline_name=actor.organisation_name[:200],
        hotline_country=actor.country,
        authority_name=whom.name[:200],
        provider=(case.provider or "")[:200],
        by=actor.reference,
        by_name=actor.organisation_name[:200],
        turn=len(before) + 1,
    )
    row.wrapped_key, box = shared_key.begin(row.pk)
    row.sealed = shared_key.seal_json(box, _said(case, reason), _purpose(row.pk))
    if not insert_ignore(row):
        raise NumberTaken
    record(actor, "order_request.made", case_rows.SUBJECT, case.pk, request=row.pk, authority=whom.id)
    return row.pk


def _said(case: TakedownCase, reason: str) -> dict[str, Any]:
    labels = case.assessments.filter(verdict=Verdict.ILLEGAL).order_by("-created_at").values_list("label", flat=True)
    return {
        "case": case.number,
        "address": address_of(case).normal,
        "label": labels.first() or "",
        "country": case.hosting_country or "",
        "provider": case.provider or "",
        "reason": reason,
        "notices": [
            {
                "number": one.number,
                "level": one.level,
                "state": one.state,
                "sent_at": one.sent_at.isoformat() if one.sent_at else "",
            }
            for one in case.notices.exclude(sent_at=None).order_by("created_at")
        ],
    }


def _answer(actor: Actor, row: OrderRequest, state: OrderRequestState, number: str, reason: str) -> None:
    if getattr(row, "answer", None) is not None:
        raise RequestAnswered
    made = OrderRequestAnswer(
        organisation_id=actor.organisation_id,
        request=row,
        grantee_id=row.organisation_id,
        state=state,
        order_number=number,
        by=actor.reference,
        by_name=actor.organisation_name[:200],
    )
    box = shared_key.box(row.pk, row.wrapped_key)
    made.sealed = shared_key.seal_json(box, reason, _purpose(made.pk))
    if not insert_ignore(made):
        raise RequestAnswered
    record(actor, "order_request.answered", SUBJECT, row.pk, state=str(state), order=number)


def _purpose(row_id: UUID) -> str:
    return f"order-request:{row_id}"
