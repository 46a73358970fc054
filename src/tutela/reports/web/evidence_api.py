"""Sealed evidence API: providers send sealed files, addressees fetch them and acknowledge arrival."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from ninja import Query, Router, Schema
from pydantic import AfterValidator, ConfigDict, Field

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.exchange.message.field_types import Md5, Sha1, Sha256, Size, printable
from tutela.organisations.people import directory
from tutela.organisations.web.api_keys import Key, MessageKey
from tutela.organisations.web.form_files import reading
from tutela.reports.evidence import handover, presealed
from tutela.reports.evidence.presealed import Stated
from tutela.reports.evidence.storage import Inside

router = Router(tags=["Evidence"])
type Word = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(printable)]


class SealedFileIn(Schema):
    """A provider's statement about a file that it has sealed."""

    model_config = ConfigDict(extra="forbid")
    item: UUID
    sha256: Sha256
    size: Size
    key: Sha256
    sha1: Sha1 | None = None
    md5: Md5 | None = None
    name: Word | None = None
    media_type: Word | None = None


@router.get("/reports/{uuid:report_id}/recipient", auth=Key("reports.submit"))
def recipient(request: HttpRequest, report_id: UUID) -> dict[str, object]:
    """Return the recipient of files for one's own report: authority, age recipient, key id.

    The id is that of the recipient's key. If nothing is stored, `recipient` is null and `reason` says why: preserve the
    files.
    """
    sender, centre = both(request)
    found = presealed.whom(sender, centre, report_id)
    to = found.plan.recipient
    return {
        "authority": found.authority,
        "recipient": to.text if to else None,
        "key": to.key_id if to else None,
        "reason": found.plan.why_not or None,
        "max_bytes": settings.CONFIG.evidence_max_bytes,
    }


@router.post("/reports/{uuid:report_id}/evidence", auth=Key("reports.submit"))
def send(request: HttpRequest, report_id: UUID, said: Query[SealedFileIn]) -> JsonResponse:
    """Receive one item's file, sealed with age to the recipient from `GET …/recipient`.

    The body is the ciphertext. Answers 201, or 200 if the file is there already or its addressee has it. 409: the key
    has changed; request it again and reseal.
    """
    sender, centre = both(request)
    inside = Inside(said.name or "", said.size, said.sha256, said.sha1 or "", said.md5 or "", said.media_type or "")
    row, new = presealed.take(sender, centre, report_id, Stated(said.item, inside, said.key), reading(request))
    body = {"evidence_id": str(row.pk), "sha256": row.sha256, "size": row.size}
    return JsonResponse(body, status=201 if new else 200)


@router.get("/referrals/{uuid:referral_id}/evidence", auth=Key("referrals.read"))
def list_evidence(request: HttpRequest, referral_id: UUID) -> JsonResponse:
    """Sealed files of a referral that are stored for you."""
    sender, centre = both(request)
    found = handover.of_referral(centre, sender, referral_id)
    return JsonResponse({"evidence": [one.model_dump(mode="json", exclude_none=True) for one in found]})


@router.get("/evidence/{uuid:evidence_id}", auth=Key("referrals.read"))
def fetch(request: HttpRequest, evidence_id: UUID) -> StreamingHttpResponse:
    """A file's ciphertext. Open it on your own machine: `tutela unseal`."""
    sender, centre = both(request)
    row, pieces = handover.fetch(centre, sender, evidence_id)
    headers = {"Content-Disposition": f'attachment; filename="{row.pk}.age"', "Content-Length": str(row.size)}
    return StreamingHttpResponse(pieces, content_type="application/octet-stream", headers=headers)


@router.delete("/evidence/{uuid:evidence_id}", auth=MessageKey("outcomes.submit"))
def arrived(request: HttpRequest, evidence_id: UUID) -> JsonResponse:
    """Say that you have a file: its ciphertext is deleted at once."""
    sender, centre = both(request)
    handover.arrived(centre, sender, evidence_id)
    return JsonResponse({})


def both(request: HttpRequest) -> tuple[Actor, Actor]:
    """Return the caller, and the Centre acting for the caller."""
    sender: Actor = request.auth  # type: ignore[attr-defined]
    sender.require_verified()
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    return sender, directory.acting_for(centre, sender.reference, sender.name)
