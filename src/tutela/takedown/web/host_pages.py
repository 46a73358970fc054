"""The host's desk: received notices, one notice, decision, reversal, status of the notifier."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from tutela.casework import work_bar
from tutela.casework.web import work_list
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.message.multipart import FileIn, FormUnreadableError
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.form_files import with_file
from tutela.organisations.web.page_access import about, action, page, part
from tutela.takedown.errors import PlainEmail
from tutela.takedown.host_desk import decide as decisions
from tutela.takedown.host_desk import detail, enter, flaggers, work_queue
from tutela.takedown.host_desk.enter import EnteredNotice, NoticeEntry
from tutela.takedown.host_desk.notice_rows import DECIDE, READ, SUBJECT
from tutela.takedown.host_desk.work_queue import IncomingFilter, exists
from tutela.takedown.models import HostState, SenderKind
from tutela.takedown.web.host_forms import DecisionForm, EnteredNoticeForm, FlaggerForm, RestoreForm
from tutela.takedown.web.statement_forms import ContactForm, StatementForm
from tutela.takedown.web.steps import done, refused, to_notice

STATES = (*HostState.choices, (work_queue.ALL, gettext_lazy("all")))
COLUMNS: tuple[Column[Any], ...] = (
    Column("notice", gettext_lazy("Notice"), lambda row: row.number),
    Column("reference", gettext_lazy("Reference"), lambda row: row.reference),
    Column("state", gettext_lazy("State"), lambda row: row.state),
    Column("notifier", gettext_lazy("Notifier"), lambda row: row.notifier_name),
    Column("kind", gettext_lazy("Kind of notifier"), lambda row: row.notifier_kind),
    Column("trusted", gettext_lazy("Trusted flagger"), lambda row: "yes" if row.trusted else "no"),
    Column("addresses", gettext_lazy("Addresses"), lambda row: row.addresses, number=True),
    Column("received", gettext_lazy("Received"), lambda row: row.received_at),
    Column("due", gettext_lazy("Due"), lambda row: row.due_at),
    *work_list.COLUMNS,
)
saved_views.offer("hosting", READ, f"state text kind trusted late {work_list.FIELDS}")


@page(READ)
def list_notices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Received notices by state, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    work = work_list.work_filter(asked)
    wanted = IncomingFilter(
        work_queue.ALL if asked.get("text", "").strip() else asked.get("state", "") or HostState.OPEN,
        asked.get("text", "")[:100],
        asked.get("kind", "")[:20],
        asked.get("trusted") == "1",
        asked.get("late") == "1",
        work,
    )
    rows, more = work_queue.list_notices(actor, wanted, wanted_part)
    if wanted_part.file:
        return paged(rows, COLUMNS, "", ()).csv("notices.csv")
    context = {
        "found": paged(rows, COLUMNS, "", ()),
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "states": STATES,
        "kinds": SenderKind.choices,
        **work_list.choices(actor, SUBJECT, work),
    }
    return render(request, "takedown/host_desk/list.html", context)


@csrf_exempt  # `with_file` checks the token, before it passes on a byte of the file
@page(DECIDE, write=DECIDE)
@partial(with_file, longest_field=200_000)
def new(request: HttpRequest, actor: Actor, upload: FileIn | FormUnreadableError) -> HttpResponseBase:
    """Enter a notice that came by e-mail or letter."""
    if request.method != "POST":
        return render(request, "takedown/host_desk/new.html", {"form": EnteredNoticeForm(has_file=False)})
    file = upload if isinstance(upload, FileIn) and upload.name else None
    form, status = EnteredNoticeForm(request.POST, has_file=file is not None), 422
    if isinstance(upload, FormUnreadableError):
        form.add_error("file", str(upload))
    if form.is_valid():
        try:
            entered = _entered(actor, form.cleaned_data, file)
            if not entered.new:
                messages.info(request, _("This notice was entered already. This is it."))
            return to_notice(entered.id)
        except FormUnreadableError as error:
            form.add_error("file", str(error))
        except PlainEmail as error:
            said = {**request.POST.dict(), "addresses": error.values["addresses"]}
            form = EnteredNoticeForm(said, has_file=False)
            form.add_error("addresses", str(error))
            status = error.status
        except TutelaError as error:
            name = getattr(error, "field", None)
            form.add_error(name if name in form.fields else None, str(error))
            status = error.status
    return render(request, "takedown/host_desk/new.html", {"form": form}, status=status)


def _entered(actor: Actor, said: dict[str, Any], file: FileIn | None) -> NoticeEntry:
    given = EnteredNotice(said["kind"], said["name"].strip(), said["email"], said["reference"])
    if file is not None:
        data = bytearray()
        for piece in file.pieces():
            data += piece
            if len(data) > enter.MOST_BYTES:
                break
        return enter.enter_file(actor, bytes(data), given)
    lines = tuple(said["addresses"].splitlines())
    return enter.enter(actor, replace(given, explanation=said["explanation"], addresses=lines))


@page(READ)
def notice(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponse:
    """One received notice."""
    full = detail.load_notice(actor, hosting)
    trusted = full.flagger is not None and full.flagger.trusted
    context = {
        "full": full,
        "work": work_bar.load(actor, SUBJECT, hosting),
        "decision_form": DecisionForm(full.places),
        "restore_form": RestoreForm(full.restorable),
        "flagger_form": FlaggerForm(initial={"trusted": trusted}),
        "statement_form": StatementForm.about(full),
        "contact_form": ContactForm(),
    }
    return render(request, "takedown/host_desk/detail.html", context)


@action(DECIDE)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def decide(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponseBase:
    form = DecisionForm(detail.load_notice(actor, hosting).places, request.POST)
    if not form.is_valid():
        return refused(request, to_notice(hosting), form)
    given = form.cleaned_data
    judgement = decisions.HostJudgement(
        form.actions(), given["redress"], automated=given["automated"], reason=given["reason"]
    )
    return done(
        request, to_notice(hosting), lambda: decisions.decide(actor, hosting, judgement), _("The notice is decided.")
    )


@action(DECIDE)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def restore(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponseBase:
    form = RestoreForm(detail.load_notice(actor, hosting).places, request.POST)
    if not form.is_valid():
        return refused(request, to_notice(hosting), form)
    given = form.cleaned_data
    work = lambda: decisions.restore(actor, hosting, given["places"], given["reason"])  # noqa: E731
    return done(request, to_notice(hosting), work, _("The decision is reversed."))


@action(DECIDE)
@confirmed()
@about(exists)
def flagger(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponseBase:
    form = FlaggerForm(request.POST)
    if not form.is_valid():
        return refused(request, to_notice(hosting), form)
    return done(
        request, to_notice(hosting), lambda: flaggers.set_status(actor, hosting, **form.cleaned_data), _("Recorded.")
    )


@page(READ)
def answer_text(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponse:
    """The newest answer as a letter."""
    number, body = decisions.answer_text(actor, hosting, get_language() or settings.LANGUAGE_CODE)
    answer = HttpResponse(body, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.txt"'
    return answer


@page(READ)
def answer_file(request: HttpRequest, actor: Actor, hosting: UUID) -> HttpResponse:
    """The newest answer as a file, for a notifier who takes none by the API."""
    number, body = decisions.answer_file(actor, hosting)
    answer = HttpResponse(body, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return answer
