"""Pages about the sealed files of a referral."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from tutela.events.actor import Actor
from tutela.investigations import desk, evidence
from tutela.organisations.web import page


@page("investigations.read")
def files(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponse:
    """What waits at the Centre, sealed to us."""
    full = desk.open_referral(actor, referral)
    context = {"row": full.row, "waiting": evidence.waiting(actor, referral)}
    return render(request, "investigations/evidence.html", context)


@page("investigations.answer")
def file(request: HttpRequest, actor: Actor, referral: UUID, file: UUID) -> HttpResponseBase:
    """One file, as it lies at the Centre."""
    pieces = evidence.fetch(actor, referral, file)
    headers = {"Content-Disposition": f'attachment; filename="{file}.age"'}
    return StreamingHttpResponse(pieces, content_type="application/octet-stream", headers=headers)
