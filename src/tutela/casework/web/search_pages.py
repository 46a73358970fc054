"""Pages of the search over all desks. The text travels in the body of a POST, never in an address."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.casework.search import samples
from tutela.casework.search.errors import ReasonNeeded
from tutela.casework.search.search import REASONS, Asked, SearchResult
from tutela.casework.search.search import search as run_search
from tutela.casework.search.values import MOST_CHARACTERS
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.web.page_access import action, page


@page("organisation.read", write="organisation.read")
def search(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Search everything that the person may see, from the header of every page or from this page."""
    if request.method != "POST":
        return _show(request, Asked(""))
    given = request.POST
    asked = Asked(given.get("q", ""), given.get("reason", ""), given.get("case", "").strip(), "account" in given)
    try:
        return _show(request, asked, run_search(actor, asked))
    except ReasonNeeded as error:
        # The header has no field for a reason, so that its first answer is a question and not a mistake.
        return _show(request, asked, error=error, status=422 if "reason" in given else 200)
    except TutelaError as error:
        return _show(request, asked, error=error, status=error.status)


def _show(
    request: HttpRequest,
    asked: Asked,
    found: SearchResult | None = None,
    *,
    error: TutelaError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"asked": asked, "found": found, "error": error, "reasons": REASONS, "longest": MOST_CHARACTERS}
    return render(request, "casework/search/search.html", context, status=status)


@page(samples.PERMISSION)
def list_samples(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Drawn searches for a person that no auditor has checked."""
    context = {"samples": samples.pending_samples(actor), "findings": samples.FINDINGS}
    return render(request, "casework/search/samples.html", context)


@action(samples.PERMISSION)
def check_sample(request: HttpRequest, actor: Actor, search_sample: UUID) -> HttpResponseBase:
    """Mark a drawn search as checked, or compare a text with what was searched for."""
    try:
        if "compare" in request.POST:
            same = samples.matches(actor, search_sample, request.POST.get("text", ""))
            said = _("This text is the one that was searched for.") if same else _("Another text was searched for.")
            messages.info(request, said)
        else:
            samples.check(actor, search_sample, request.POST.get("finding", ""))
            messages.success(request, _("Search marked as checked."))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    return redirect("search_samples")
