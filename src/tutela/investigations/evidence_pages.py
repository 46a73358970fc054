"""Pages about the sealed files of a referral."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render

from tutela.events.actor import Actor
from tutela.exchange.police import stix
from tutela.investigations import archive, desk, evidence
from tutela.organisations.errors import Erased
from tutela.organisations.peers import PeerSilent
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
    try:
        pieces = evidence.fetch(actor, referral, file)
    except PeerSilent as error:
        messages.error(request, str(error))
        return redirect("referral_files", referral)
    headers = {"Content-Disposition": f'attachment; filename="{file}.age"'}
    return StreamingHttpResponse(pieces, content_type="application/octet-stream", headers=headers)


@page("investigations.answer")
def whole(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponseBase:
    """The archive: message, cover, attachments, manifest; with sealed files where `files=1`."""
    try:
        pieces = archive.archive(actor, referral, with_files=request.GET.get("files") == "1")
    except (PeerSilent, Erased) as error:
        messages.error(request, str(error))
        return redirect("referral", referral)
    headers = {"Content-Disposition": f'attachment; filename="{referral}.zip"'}
    return StreamingHttpResponse(pieces, content_type="application/zip", headers=headers)


@page("investigations.read")
def stix_bundle(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponseBase:
    """The referral as STIX 2.1."""
    full = desk.open_referral(actor, referral, purpose_of_access="exported_stix")
    if full.package is None:
        messages.error(request, str(Erased()))
        return redirect("referral", referral)
    headers = {"Content-Disposition": f'attachment; filename="{referral}.stix.json"'}
    return HttpResponse(stix.bundle(full.package), content_type="application/stix+json;version=2.1", headers=headers)
