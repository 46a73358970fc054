"""Statements of reasons on the host's desk: make one, download it, prepare its e-mail."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.host_desk import statement_text, statements
from tutela.takedown.host_desk.notice_rows import DECIDE, READ
from tutela.takedown.host_desk.work_queue import exists
from tutela.takedown.web.statement_forms import ContactForm, StatementForm
from tutela.takedown.web.steps import done, refused, to_notice


@action(DECIDE)
@confirmed()
@about(exists)
def state(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponseBase:
    form = StatementForm(request.POST)
    if not form.is_valid():
        return refused(request, to_notice(hosting), form)
    work = lambda: statements.state(actor, hosting, form.given())  # noqa: E731
    return done(request, to_notice(hosting), work, _("The statement of reasons is made."))


@page(READ)
def as_text(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponse:
    """The statement as text for the user."""
    row, statement = statements.download(actor, hosting)
    return _file(f"{row.number}.txt", statement_text.as_text(statement).encode(), "text/plain; charset=utf-8")


@page(READ)
def as_json(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponse:
    """The statement as a message."""
    row, statement = statements.download(actor, hosting)
    return _file(f"{row.number}.json", statement.to_bytes(), "application/json")


@action(DECIDE)
@about(exists)
def email(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponseBase:
    """The e-mail to the user as a file. The address goes into this file alone."""
    form = ContactForm(request.POST)
    if not form.is_valid():
        return refused(request, to_notice(hosting), form)
    row, statement = statements.download(actor, hosting)
    return _file(f"{row.number}.eml", statement_text.prepared(statement, form.cleaned_data["email"]), "message/rfc822")


def _file(name: str, body: bytes, media_type: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
