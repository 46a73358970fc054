"""Notices on a case: queue, cancel, release, record the answer, download."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.web.confirmation import undoable
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.case_work.work_queue import READ, exists
from tutela.takedown.errors import NoXarf
from tutela.takedown.notices import compose, notify, xarf
from tutela.takedown.web.forms import AnswerForm, NoticeForm
from tutela.takedown.web.steps import done, refused, to_case

NOTIFY = notify.NOTIFY


@action(NOTIFY)
@undoable
@about(exists)
@asks_if_claimed(SUBJECT)
def queue(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = NoticeForm(actor, request.POST)
    if not form.is_valid():
        return refused(request, to_case(case), form)
    to = notify.Recipient(**form.cleaned_data)
    return done(request, to_case(case), lambda: notify.queue(actor, case, to), _("The notice is queued."))


@page(READ)
def text(request: HttpRequest, actor: Actor, notice: UUID) -> HttpResponse:
    """The notice as text, to be handed over by a person; the download is recorded."""
    with acting(actor):
        row = notify.find(notice)
        wire, _to = notify.notice_of(row)
        record(actor, "takedown.viewed", SUBJECT, row.case_id, notice=row.pk)
    answer = HttpResponse(compose.as_text(wire, row.language, row.level), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.number}.txt"'
    return answer


@page(READ)
def xarf_file(request: HttpRequest, actor: Actor, notice: UUID) -> HttpResponse:
    """The notice as XARF, for a host's form; the download is recorded. Without a word for the label, the case again."""
    with acting(actor):
        row = notify.find(notice)
        wire, _to = notify.notice_of(row)
        found = xarf.document(row, wire)
        if found is None:
            messages.error(request, str(NoXarf()))
            return redirect("takedown_case", row.case_id)
        record(actor, "takedown.viewed", SUBJECT, row.case_id, notice=row.pk)
    answer = HttpResponse(found, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.number}.xarf.json"'
    return answer


@action(NOTIFY)
def cancel(request: HttpRequest, actor: Actor, notice: UUID) -> HttpResponseBase:
    return _on(request, actor, notice, lambda: notify.cancel(actor, notice), _("The notice is cancelled."))


@action(NOTIFY)
@undoable
def release(request: HttpRequest, actor: Actor, notice: UUID) -> HttpResponseBase:
    return _on(request, actor, notice, lambda: notify.release(actor, notice), _("The notice is queued."))


@action(NOTIFY)
def answer(request: HttpRequest, actor: Actor, notice: UUID) -> HttpResponseBase:
    form = AnswerForm(request.POST)
    case = notify.case_of(actor, notice)
    if not form.is_valid():
        return refused(request, to_case(case), form)
    given = form.cleaned_data
    work = lambda: notify.answered(actor, notice, **given)  # noqa: E731
    return done(request, to_case(case), work, _("Answer recorded."))


def _on(request: HttpRequest, actor: Actor, notice: UUID, work: Callable[[], None], said: str) -> HttpResponseBase:
    return done(request, to_case(notify.case_of(actor, notice)), work, said)
