"""The page of sealed files that wait to be sealed anew, and the way in which they are handed in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.forms import FileIn, FormUnreadableError
from tutela.investigations import desk, resealing
from tutela.investigations.resealing import Given
from tutela.organisations.web import about, action, page, with_file


@page("investigations.read")
def listing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits, for whom, since when; the command for the machine that has the key."""
    return render(request, "investigations/resealing.html", {"waiting": resealing.waiting(actor)})


@page("investigations.read")
def named(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the files must be, for `tutela unseal --referral`."""
    headers = {"Content-Disposition": 'attachment; filename="files.json"'}
    body = resealing.waiting(actor).list.named().to_bytes()
    return HttpResponse(body, content_type="application/json", headers=headers)


@csrf_exempt  # `with_file` checks the token, before it passes on a byte of the file
@action("investigations.answer")
@with_file
@about(desk.exists)
def hand_in(
    request: HttpRequest, actor: Actor, referral: UUID, file: UUID, upload: FileIn | FormUnreadableError
) -> HttpResponseBase:
    """Pass a file that was sealed anew on to the Centre, as it comes."""
    try:
        if isinstance(upload, FormUnreadableError):
            raise upload
        given = Given(upload.fields.get("recipient", ""), upload.fields.get("sha256", ""), upload.name or "")
        resealing.hand_in(actor, referral, file, given, upload.pieces())
    except NotFound:
        messages.error(request, _("The Centre keeps this file no longer, or not for you."))
    except (TutelaError, FormUnreadableError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Handed in. The Centre has deleted what was sealed to you."))
    if "X-Progress" in request.headers:
        return JsonResponse({"next": reverse("resealing")})
    return redirect("resealing")
