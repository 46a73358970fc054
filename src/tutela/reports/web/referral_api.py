"""Referral API for authorities that fetch: pending referrals, a package, and returns."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict

from tutela.events.actor import Actor
from tutela.exchange.message.field_types import Sha256
from tutela.exchange.message.signed_message import HEADER
from tutela.exchange.referral.outcome import Returned
from tutela.exchange.referral.withdrawal import WithdrawalsTaken
from tutela.organisations.messages import inbox, message_signing
from tutela.organisations.web.api_keys import Key, MessageKey
from tutela.organisations.web.form_files import reading
from tutela.reports.evidence import resealing
from tutela.reports.referrals import delivery, withdrawal_delivery
from tutela.reports.referrals import returned as referrals_returned
from tutela.reports.web.evidence_api import both

router = Router(tags=["Referrals"])


class ResealedIn(Schema):
    model_config = ConfigDict(extra="forbid")
    key: Sha256
    sha256: Sha256 | None = None


@router.get("/referrals", auth=Key("referrals.read"))
def list_pending(request: HttpRequest, after: UUID | None = None) -> JsonResponse:
    """Referrals to you that you have not acknowledged, urgent first; at most 200. Fetch one, then acknowledge it.

    Where there are `more`, ask again with the last one's id as `after`.
    """
    sender, centre = both(request)
    rows, more = delivery.pending_referrals(centre, sender, after)
    return JsonResponse(
        {
            "more": more,
            "referrals": [
                {
                    "referral_id": str(one.referral_id),
                    "number": one.number,
                    "made_at": one.made_at.isoformat(),
                    "sha256": one.sha256,
                    "urgent": one.urgent,
                }
                for one in rows
            ],
        }
    )


@router.get("/referrals/{uuid:referral_id}", auth=Key("referrals.read"))
def package(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """A package to you, the bytes whose SHA-256 an acknowledgement names."""
    sender, centre = both(request)
    return _signed(request, centre, sender, delivery.fetch(centre, sender, referral_id))


@router.get("/referral-withdrawals", auth=Key("referrals.read"))
def withdrawals(request: HttpRequest) -> HttpResponse:
    """Withdrawals of referrals to you, the oldest first; at most 200.

    Confirm the received ones (`…/taken`), and ask again if there are `more`. The list may include reports not delivered
    yet: a referral made before is withdrawn as it comes.
    """
    sender, centre = both(request)
    found = withdrawal_delivery.pending_withdrawals(centre, sender)
    return _signed(request, centre, sender, found.to_bytes())


def _signed(request: HttpRequest, centre: Actor, sender: Actor, body: bytes) -> HttpResponse:
    """Response signed by the Centre for the caller, as it signs its messages."""
    sign = message_signing.signer(centre, sender.organisation_id)
    headers = {HEADER: sign(request.get_full_path(), "", body)}
    return HttpResponse(body, content_type="application/json", headers=headers)


@router.post("/referral-withdrawals/taken", auth=MessageKey("outcomes.submit"))
def withdrawals_taken(request: HttpRequest) -> HttpResponse:
    """Say which withdrawals you have: they wait no longer."""
    sender, centre = both(request)
    message = WithdrawalsTaken.from_bytes(request.body)

    def work() -> tuple[int, str]:
        withdrawal_delivery.taken(centre, sender, message)
        return 201, "{}"

    key = request.headers.get("Idempotency-Key", "")
    status, answer = inbox.once(centre, sender.organisation_id, key, request.body, work)
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/referral-returns", auth=MessageKey("outcomes.submit"))
def returned(request: HttpRequest) -> HttpResponse:
    """Return a referral that is not yours: it goes to the country that you name, or to Europol."""
    sender, centre = both(request)
    message = Returned.from_bytes(request.body)

    def work() -> tuple[int, str]:
        referrals_returned.take(centre, sender, message)
        return 201, "{}"

    key = request.headers.get("Idempotency-Key", "")
    status, answer = inbox.once(centre, sender.organisation_id, key, request.body, work)
    return HttpResponse(answer, status=status, content_type="application/json")


@router.get("/evidence/returned", auth=Key("referrals.read"))
def to_reseal(request: HttpRequest) -> HttpResponse:
    """List files that only you can open and must reseal for another authority; at most 100.

    The oldest come first. The files belong to referrals that you returned. Without a referral, they are CyberTipline
    files sealed to you before the report's jurisdiction was known.
    """
    sender, centre = both(request)
    found = resealing.pending_resealing(centre, sender)
    return HttpResponse(found.to_bytes(), content_type="application/json")


@router.get("/evidence/{uuid:evidence_id}/next", auth=Key("referrals.read"))
def next_addressee(request: HttpRequest, evidence_id: UUID) -> JsonResponse:
    """Return the next recipient of a file that you must reseal; null if there is none now."""
    sender, centre = both(request)
    to = resealing.next_of(centre, sender, evidence_id)
    return JsonResponse(
        {"authority": to.authority, "recipient": to.recipient.text, "key": to.recipient.key_id}
        if to
        else {"authority": None, "recipient": None, "key": None}
    )


@router.post("/evidence/{uuid:evidence_id}/resealed", auth=Key("outcomes.submit"))
def resealed(request: HttpRequest, evidence_id: UUID, said: Query[ResealedIn]) -> JsonResponse:
    """Hand in a file that you opened and sealed to the next addressee (`tutela unseal --reseal`); yours is deleted.

    Where `sha256` is given, another ciphertext than the one that it names is refused.
    """
    sender, centre = both(request)
    row = resealing.take(centre, sender, evidence_id, said.key, reading(request), said.sha256 or "")
    return JsonResponse({"evidence_id": str(row.pk), "sha256": row.sha256, "size": row.size}, status=201)
