"""Cases of partners as ICCAM files: export of a case; upload, preview and import of a file."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.message.multipart import FileIn, FormUnreadableError
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.form_files import with_file
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.case_work.work_queue import exists
from tutela.takedown.partners import iccam_files
from tutela.takedown.web.partners.partner_forms import CaseFileForm

ASSESS, NOTIFY = iccam_files.ASSESS, iccam_files.NOTIFY


@page(NOTIFY)
@about(exists)
def export(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    """The case as an ICCAM report, for a partner without an interface."""
    try:
        number, body = iccam_files.export(actor, case)
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("takedown_case", case)
    answer = HttpResponse(body, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.iccam.json"'
    return answer


@csrf_exempt  # `with_file` checks the token, before it passes on a byte of the file
@page(ASSESS, write=ASSESS)
@partial(with_file, longest_field=200)
def files(request: HttpRequest, actor: Actor, upload: FileIn | FormUnreadableError) -> HttpResponseBase:
    """The newest files, and the form for another one."""
    form = CaseFileForm(request.POST if request.method == "POST" else None)
    found = _kept(actor, form, upload) if request.method == "POST" else None
    if found is not None:
        return redirect("takedown_case_file", found)
    context = {"form": form, "files": iccam_files.list_files(actor)}
    return render(request, "takedown/partners/files.html", context)


@page(ASSESS)
@about(iccam_files.exists)
def preview(request: HttpRequest, actor: Actor, case_file: UUID) -> HttpResponse:
    """One file before its import."""
    return render(request, "takedown/partners/file.html", {"shown": iccam_files.preview(actor, case_file)})


@action(ASSESS)
@about(iccam_files.exists)
def import_file(request: HttpRequest, actor: Actor, case_file: UUID) -> HttpResponseBase:
    """Open the cases of a file."""
    try:
        made = iccam_files.import_cases(actor, case_file)
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        said = ngettext("%(n)s case was imported.", "%(n)s cases were imported.", len(made)) % {"n": len(made)}
        messages.success(request, said)
    return redirect("takedown_case_file", case_file)


@action(ASSESS)
@confirmed()
@about(iccam_files.exists)
def discard(request: HttpRequest, actor: Actor, case_file: UUID) -> HttpResponseBase:
    """Delete a file that is not to be imported."""
    try:
        iccam_files.discard(actor, case_file)
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("takedown_case_file", case_file)
    messages.success(request, _("The file is deleted."))
    return redirect("takedown_case_files")


def _kept(actor: Actor, form: CaseFileForm, upload: FileIn | FormUnreadableError) -> UUID | None:
    if isinstance(upload, FormUnreadableError):
        form.add_error("file", str(upload))
        return None
    if not upload.name:
        form.add_error("file", _("Choose a file."))
    if not form.is_valid():
        return None
    try:
        return iccam_files.upload(actor, upload.name or "", form.cleaned_data["sender"], upload.pieces())
    except FormUnreadableError as error:
        form.add_error("file", str(error))
    except TutelaError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return None
