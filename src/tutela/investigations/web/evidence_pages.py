"""Pages about the sealed files of a referral."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.exchange.police import stix
from tutela.exchange.referral.referral import SealedFile
from tutela.investigations.evidence import archive, evidence
from tutela.investigations.referral_work import work_queue
from tutela.organisations.errors import Erased
from tutela.organisations.messages.peer_client import PeerSilent
from tutela.organisations.table_views.sort_and_filter import Column, arranged, as_file
from tutela.organisations.web.page_access import page

COLUMNS: tuple[Column[SealedFile], ...] = (
    Column("file", gettext_lazy("File"), lambda one: one.name or one.file_id),
    Column("type", gettext_lazy("Type"), lambda one: one.media_type),
    Column("size", gettext_lazy("Size"), lambda one: one.clear_size, number=True),
    Column("sha256", gettext_lazy("SHA-256 of the content"), lambda one: one.clear_sha256),
    Column("key", gettext_lazy("Sealed to"), lambda one: one.key_id),
)


@page("investigations.read")
def files(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponse:
    """Page of a referral's files at the Centre, sealed to this organisation."""
    full = work_queue.open_referral(actor, referral)
    waiting = evidence.waiting_evidence(actor, referral)
    found = arranged(request.GET, waiting.files, COLUMNS)
    if as_file(request.GET):
        return found.csv("files.csv")
    return render(request, "investigations/evidence.html", {"row": full.row, "waiting": waiting, "found": found})


@page("investigations.answer")
def file(request: HttpRequest, actor: Actor, referral: UUID, file: UUID) -> HttpResponseBase:
    """Download one file, still sealed, from the Centre."""
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
    full = work_queue.open_referral(actor, referral, purpose_of_access="exported_stix")
    if full.package is None:
        messages.error(request, str(Erased()))
        return redirect("referral", referral)
    headers = {"Content-Disposition": f'attachment; filename="{referral}.stix.json"'}
    return HttpResponse(stix.bundle(full.package), content_type="application/stix+json;version=2.1", headers=headers)
