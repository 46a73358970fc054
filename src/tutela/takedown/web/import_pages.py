"""Import pages: upload a backlog, the list of imports, and one import with its counts and domains."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.message.multipart import FileIn, FormUnreadableError
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, arranged, as_file, paged
from tutela.organisations.web.form_files import with_file
from tutela.organisations.web.page_access import page, part
from tutela.takedown.imports import backlog_file, overview
from tutela.takedown.imports import begin as imports
from tutela.takedown.imports.backlog_file import BacklogFile
from tutela.takedown.imports.begin import Begun
from tutela.takedown.models import FileKind

READ, ASSESS = overview.READ, "takedown.assess"
COLUMNS: tuple[Column[overview.ImportLine], ...] = (
    Column("file", gettext_lazy("File"), lambda one: one.name),
    Column("began", gettext_lazy("Uploaded"), lambda one: one.began),
    Column("ended", gettext_lazy("Ended"), lambda one: one.ended),
    Column("by", gettext_lazy("By"), lambda one: one.by),
    Column("addresses", gettext_lazy("Addresses"), lambda one: one.addresses, number=True),
    Column("new", gettext_lazy("New cases"), lambda one: one.new, number=True),
    Column("known", gettext_lazy("Known"), lambda one: one.known, number=True),
    Column("reopened", gettext_lazy("Reopened"), lambda one: one.reopened, number=True),
    Column("refused", gettext_lazy("Refused"), lambda one: one.refusals, number=True),
)
DOMAINS: tuple[Column[overview.DomainLine], ...] = (
    Column("domain", gettext_lazy("Registered domain"), lambda one: one.name),
    Column("hosts", gettext_lazy("Hosts"), lambda one: one.hosts, number=True),
    Column("cases", gettext_lazy("Cases"), lambda one: one.cases, number=True),
    Column("assess", gettext_lazy("To assess"), lambda one: one.to_assess, number=True),
)
saved_views.offer("takedown_imports", READ, "sort")


class ImportForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[("", gettext_lazy("detect from the file")), *FileKind.choices],
        required=False,
    )
    # Last, so that everything else is known as it comes.
    file = forms.FileField(label=gettext_lazy("File"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        most = {"most": imports.MOST_ADDRESSES, "megabytes": backlog_file.MOST_MEGABYTES}
        said = _("At most %(most)s addresses and %(megabytes)s MB. Save a spreadsheet as CSV first.")
        self.fields["file"].help_text = said % most


@page(READ)
def list_imports(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every import, the newest first."""
    asked = part(request)
    rows, more = overview.list_imports(actor, asked)
    found = paged(rows, COLUMNS, "", ())
    if asked.file:
        return found.csv("imports.csv")
    return render(request, "takedown/imports/list.html", {"found": found, "more": more, "number": asked.page})


@page(READ)
def one(request: HttpRequest, actor: Actor, backlog: UUID) -> HttpResponse:
    """One import with its counts, and its cases by registered domain."""
    full = overview.load_import(actor, backlog)
    found = arranged(request.GET, full.domains, DOMAINS)
    if as_file(request.GET):
        return found.csv("domains.csv")
    return render(request, "takedown/imports/import.html", {"full": full, "line": full.line, "found": found})


@csrf_exempt  # `with_file` checks the token, before it passes on a byte of the file
@page(ASSESS, write=ASSESS)
@partial(with_file, longest_field=200)
def upload(request: HttpRequest, actor: Actor, upload: FileIn | FormUnreadableError) -> HttpResponseBase:
    """Upload a backlog; its cases are opened by a job."""
    form = ImportForm(request.POST if request.method == "POST" else None)
    begun = _begun(actor, form, upload) if request.method == "POST" else None
    if begun is None:
        return render(request, "takedown/imports/upload.html", {"form": form})
    if begun.again:
        messages.info(request, _("This file was imported before. Nothing was stored this time."))
    else:
        messages.success(request, _("The file was read. Its cases are opened within minutes."))
    return redirect("takedown_import", begun.id)


def _begun(actor: Actor, form: ImportForm, upload: FileIn | FormUnreadableError) -> Begun | None:
    if isinstance(upload, FormUnreadableError):
        form.add_error("file", str(upload))
        return None
    if not upload.name:
        form.add_error("file", _("Choose a file."))
    if not form.is_valid():
        return None
    file = BacklogFile(actor.organisation_id, upload.name or "", upload.pieces(), form.cleaned_data["kind"])
    try:
        return imports.begin(actor, file)
    except FormUnreadableError as error:
        form.add_error("file", str(error))
    except TutelaError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return None
