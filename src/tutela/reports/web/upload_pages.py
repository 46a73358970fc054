"""Pages where a provider's people upload files of reports to the Centre without their own software."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.errors import ExchangeError
from tutela.exchange.report.csv_rows import template as empty_table
from tutela.exchange.report_files.report_files import MOST_REPORTS
from tutela.organisations.people import directory
from tutela.organisations.table_views.sort_and_filter import table
from tutela.organisations.web.page_access import page
from tutela.reports.intake import file_uploads

# What is uploaded stays in memory, and a larger file is not taken at all.
MOST_MEGABYTES = 2.5


@page("reports.upload", write="reports.upload")
def upload(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A form for a file; then what became of each line, as a page or as a file."""
    lines = _filed(request, actor) if request.method == "POST" else None
    if lines is not None and request.POST.get("answer") == "csv":
        return table("answers.csv", file_uploads.as_csv(lines))
    received = sum(one.answer.received for one in lines or ())
    context = {
        "lines": lines,
        "received": received,
        "refused": len(lines or ()) - received,
        "most": MOST_REPORTS,
        "megabytes": MOST_MEGABYTES,
    }
    return render(request, "reports/upload.html", context)


@page("reports.upload")
def template(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table with its columns and a line that shows how each is written."""
    return table("reports.csv", empty_table())


def _filed(request: HttpRequest, actor: Actor) -> list[file_uploads.UploadLine] | None:
    centre = directory.the_centre()
    if centre is None:
        raise Http404
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file of at most %(most)s MB.") % {"most": MOST_MEGABYTES})
        return None
    try:
        return file_uploads.by_hand(actor, centre, file.name or "", file.read())
    except (ExchangeError, TutelaError) as error:
        messages.error(request, str(error))
        return None
