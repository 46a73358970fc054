"""The way of statements to the DSA Transparency Database: files, answers, conflicts."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.takedown.transparency_database import Result
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.host_desk import database_files
from tutela.takedown.host_desk.notice_rows import DECIDE, READ
from tutela.takedown.web.statement_forms import DatabaseAnswerForm


@page(READ)
def database(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Statements by state, and the newest files."""
    states, batches = database_files.overview(actor)
    context = {"states": states, "batches": batches, "answer_form": DatabaseAnswerForm()}
    return render(request, "takedown/host_desk/database.html", context)


@action(DECIDE)
def make(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    return _done(request, lambda: database_files.make(actor), _("The file is made. Send it, then enter the answer."))


@page(READ)
def file(request: HttpRequest, actor: Actor, batch: UUID) -> HttpResponse:
    """The file for the database."""
    number, body = database_files.file_of(actor, batch)
    answer = HttpResponse(body, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return answer


@action(DECIDE)
@about(database_files.exists)
def answer(request: HttpRequest, actor: Actor, batch: UUID) -> HttpResponseBase:
    form = DatabaseAnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{form.fields[name].label}: {errors[0]}")
        return redirect("hosting_database")
    given = form.cleaned_data
    said = {
        Result.STORED: _("All statements of the file are stored."),
        Result.EXISTING: _("The database has some identifiers already. All other statements wait again."),
        Result.REFUSED: _("The database refused statements. All other statements wait again."),
    }
    return _done(request, lambda: said[database_files.answered(actor, batch, given["status"], given["body"])])


@action(DECIDE)
@about(database_files.exists)
def requeue(request: HttpRequest, actor: Actor, batch: UUID) -> HttpResponseBase:
    return _done(request, lambda: database_files.requeue(actor, batch), _("The statements wait again."))


def _done(request: HttpRequest, work: Callable[[], object], text: str = "") -> HttpResponseBase:
    """Do the work; its error, `text` or its own text stands on the page."""
    try:
        said = work()
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text or str(said))
    return redirect("hosting_database")
