"""The way of statements to the DSA Transparency Database: files, answers, conflicts."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.exchange.takedown.transparency_database import Result
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.host_desk import database_files
from tutela.takedown.host_desk.notice_rows import DECIDE, READ
from tutela.takedown.web.statement_forms import DatabaseAnswerForm
from tutela.takedown.web.steps import done, refused


@page(READ)
def database(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Statements by state, and the newest files."""
    states, unsent, batches = database_files.overview(actor)
    context = {"states": states, "unsent": unsent, "batches": batches, "answer_form": DatabaseAnswerForm()}
    return render(request, "takedown/host_desk/database.html", context)


@action(DECIDE)
def make(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    work = lambda: database_files.make(actor)  # noqa: E731
    return done(request, redirect("hosting_database"), work, _("The file is made. Send it, then enter the answer."))


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
        return refused(request, redirect("hosting_database"), form)
    given = form.cleaned_data
    said = {
        Result.STORED: _("All statements of the file are stored."),
        Result.EXISTING: _("The database has some identifiers already. All other statements wait again."),
        Result.REFUSED: _("The database refused statements. All other statements wait again."),
    }
    work = lambda: said[database_files.answered(actor, batch, given["status"], given["body"])]  # noqa: E731
    return done(request, redirect("hosting_database"), work)


@action(DECIDE)
@about(database_files.exists)
def requeue(request: HttpRequest, actor: Actor, batch: UUID) -> HttpResponseBase:
    work = lambda: database_files.requeue(actor, batch)  # noqa: E731
    return done(request, redirect("hosting_database"), work, _("The statements wait again."))
