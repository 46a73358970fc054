"""Proposal page for an indicator."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.message.text_cleanup import whole_number
from tutela.indicators.models import MediaType
from tutela.indicators.register import detail
from tutela.indicators.register import propose as register_propose
from tutela.indicators.web.forms import ProposalForm
from tutela.organisations.errors import ApprovalError
from tutela.organisations.web import approval_pages
from tutela.organisations.web.approval_pages import approvable, carry
from tutela.organisations.web.page_access import page

# What a form may carry (`FILE_UPLOAD_MAX_MEMORY_SIZE`); the API takes twice as much.
MOST_MEGABYTES = 2.5
AROUND = 8192


@page("indicators.propose", write="indicators.propose")
@approvable
def propose(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Propose an indicator by what was pasted or uploaded."""
    form = ProposalForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and (large := too_large(request)):
        form.add_error(*large)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            said = form.said()
            carry(request, "line", form.text)
            made = register_propose.propose(
                actor,
                given=said.given,
                media_type=MediaType.VIDEO if said.film else data["media_type"],
                classification=data["classification"],
                reason=data["reason"],
                series=data["series"],
                film=said.film,
                told=form.told(),
                way=approval_pages.given(request),
            )
            _tell(request, detail.load_detail(actor, made))
            return redirect("indicator", made)
        except ApprovalError:
            raise
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return render(request, "indicators/propose.html", {"form": form})


def _tell(request: HttpRequest, shown: detail.Dossier) -> None:
    """Set the message about the proposal for the next page."""
    if shown.held:
        text = _(
            "Proposed, and quarantined: the proposal looks unusual. The Centre must check it before certification."
        )
    else:
        text = _("Proposed. An organisation in another country must certify it.")
    messages.success(request, text)
    if shown.alike:
        alike = _(
            "The register already has this video, or a part of it: %(numbers)s. Certify that indicator if you "
            "hold the video."
        )
        messages.warning(request, alike % {"numbers": ", ".join(one.number for one in shown.alike)})


def too_large(request: HttpRequest) -> tuple[str, str] | None:
    """The field that is too long, and what to say, where the form is larger than what is taken.

    Nothing keeps a file then, so that none can be seen any more: there was one where the texts are not that long.
    """
    most, told = settings.FILE_UPLOAD_MAX_MEMORY_SIZE, {"most": MOST_MEGABYTES}
    if (whole_number(request.headers.get("Content-Length", "")) or 0) <= most:
        return None
    # Names and boundaries stand around the texts; only an upload in parts can have a file.
    texts = sum(len(text.encode()) for _name, values in request.POST.lists() for text in values)
    if texts > most - AROUND or request.content_type != "multipart/form-data":
        return "line", _("The text is longer than %(most)s MB.") % told
    return "file", _("Choose a file of at most %(most)s MB.") % told
