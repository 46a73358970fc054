"""Pages for authorities without a network: a referral as a file, and answers from a file."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.problem import in_words
from tutela.organisations.web.page_access import page
from tutela.reports.referrals import offline_files, withdrawal_delivery

MOST_MEGABYTES = 2.5


@page("reports.refer")
def signed(request: HttpRequest, actor: Actor, report: UUID, referral: UUID) -> HttpResponseBase:
    """The signed file of a referral, with its sealed files."""
    pieces = offline_files.write(actor, report, referral)
    headers = {"Content-Disposition": f'attachment; filename="{referral}.referral.zip"'}
    return StreamingHttpResponse(pieces, content_type="application/zip", headers=headers)


@page("reports.refer", write="reports.refer")
def answers(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Take a file of answers in; what became of each."""
    found = _taken(request, actor) if request.method == "POST" else None
    waits = withdrawal_delivery.for_whom(actor)
    return render(
        request, "reports/offline_answers.html", {"found": found, "megabytes": MOST_MEGABYTES, "waits": waits}
    )


@page("reports.refer")
def withdrawals(request: HttpRequest, actor: Actor, organisation: UUID) -> HttpResponseBase:
    """Download the signed file of withdrawals pending for an authority."""
    try:
        data = withdrawal_delivery.write(actor, organisation)
    except NotFound:
        messages.info(request, _("Nothing is pending for this organisation."))
        return redirect("report_answers")
    headers = {"Content-Disposition": f'attachment; filename="{organisation}.withdrawals.json"'}
    return HttpResponse(data, content_type="application/json", headers=headers)


def _taken(request: HttpRequest, actor: Actor) -> list[offline_files.AnswerResult] | None:
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file of at most %(most)s MB.") % {"most": MOST_MEGABYTES})
        return None
    try:
        return offline_files.take(actor, file.read())
    except ValidationError as error:
        messages.error(request, in_words(error))
    except (ExchangeError, TutelaError) as error:
        messages.error(request, str(error))
    return None
