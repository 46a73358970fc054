"""Page of sealed files that are waiting to be resealed, and their upload."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.message.multipart import FileIn, FormUnreadableError
from tutela.exchange.referral.resealing import ToReseal
from tutela.investigations.evidence import resealing
from tutela.investigations.evidence.resealing import ResealedFile
from tutela.investigations.referral_work import work_queue
from tutela.organisations.messages.peer_client import PeerSilent
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.web.form_files import with_file
from tutela.organisations.web.page_access import about, action, page

COLUMNS: tuple[Column[ToReseal], ...] = (
    Column("file", gettext_lazy("File"), lambda one: one.evidence.name or one.evidence.file_id),
    Column("referral", gettext_lazy("Referral"), lambda one: one.number or ""),
    Column("size", gettext_lazy("Size"), lambda one: one.evidence.clear_size, number=True),
    Column("since", gettext_lazy("Pending since"), lambda one: one.since),
    Column("for", gettext_lazy("For"), lambda one: one.to.authority if one.to else None),
)
saved_views.offer("resealing", "investigations.read", FIELDS)


@page("investigations.read")
def list_resealing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Page of the files pending resealing: recipient, pending since, and the command for the machine with the key."""
    form = "csv" if as_file(request.GET) else ""
    waiting = resealing.waiting_files(actor, form)
    found = arranged(request.GET, waiting.list.files, COLUMNS)
    if form:
        return found.csv("to-reseal.csv")
    return render(request, "investigations/resealing.html", {"waiting": waiting, "found": found})


@page("investigations.read")
def named(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Download the list of expected files (`files.json`) for `tutela unseal --referral`."""
    headers = {"Content-Disposition": 'attachment; filename="files.json"'}
    body = resealing.waiting_files(actor, "json").list.named().to_bytes()
    return HttpResponse(body, content_type="application/json", headers=headers)


@csrf_exempt  # `with_file` checks the token, before it passes on a byte of the file
@action("investigations.answer")
@with_file
@about(work_queue.exists)
def hand_in(
    request: HttpRequest, actor: Actor, referral: UUID, file: UUID, upload: FileIn | FormUnreadableError
) -> HttpResponseBase:
    """Stream a resealed file to the Centre."""
    return _handed_in(request, actor, referral, file, upload)


@csrf_exempt  # as above
@action("investigations.answer")
@with_file
@about(resealing.exists)
def hand_in_misaddressed(
    request: HttpRequest, actor: Actor, file: UUID, upload: FileIn | FormUnreadableError
) -> HttpResponseBase:
    """Stream a resealed file to the Centre if its referral belonged to another authority from the start."""
    return _handed_in(request, actor, None, file, upload)


@action("investigations.answer")
@about(resealing.exists)
def misaddressed(request: HttpRequest, actor: Actor, file: UUID) -> HttpResponseBase:
    """Download one such misaddressed file, still sealed, from the Centre."""
    try:
        pieces = resealing.fetch(actor, file)
    except PeerSilent as error:
        messages.error(request, str(error))
        return redirect("resealing")
    headers = {"Content-Disposition": f'attachment; filename="{file}.age"'}
    return StreamingHttpResponse(pieces, content_type="application/octet-stream", headers=headers)


def _handed_in(
    request: HttpRequest, actor: Actor, referral: UUID | None, file: UUID, upload: FileIn | FormUnreadableError
) -> HttpResponseBase:
    try:
        if isinstance(upload, FormUnreadableError):
            raise upload
        given = ResealedFile(upload.fields.get("recipient", ""), upload.fields.get("sha256", ""), upload.name or "")
        resealing.hand_in(actor, referral, file, given, upload.pieces())
    except NotFound:
        messages.error(request, _("The Centre no longer keeps this file, or it is not for you."))
    except (TutelaError, FormUnreadableError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("File uploaded. The Centre has deleted the file that was sealed to you."))
    if "X-Progress" in request.headers:
        return JsonResponse({"next": reverse("resealing")})
    return redirect("resealing")
