"""Upload page for a file of proposals: a preview of each line, then the result."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.hash_lists.entry import Unreadable
from tutela.exchange.hash_lists.mapped_columns import Mapping, read_mapping
from tutela.exchange.message.multipart import FileIn, FormUnreadableError
from tutela.indicators.imports import desk_upload, runner
from tutela.indicators.imports.desk_upload import Handed, UploadOutcome
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.models import MediaType
from tutela.law.classification import choices
from tutela.organisations.table_views.sort_and_filter import table
from tutela.organisations.web.form_files import with_file
from tutela.organisations.web.page_access import page

# So many refused lines stand on the page; the file has all of them.
MOST_LINES_SHOWN = 200
LONGEST_MAPPING = 20_000
FORMATS = (
    ("", gettext_lazy("from the file name: CSV for .csv, otherwise JSON Lines")),
    ("jsonl", "JSON Lines"),
    ("csv", "CSV"),
    ("vics", "VICS"),
    ("icse", "ICSE CSV"),
    ("stix", "STIX 2.1"),
)


class UploadForm(forms.Form):
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=80,
        help_text=gettext_lazy("The source of the list. Every entry keeps its source. No names of people."),
    )
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=FORMATS, required=False)
    classification = forms.ChoiceField(
        label=gettext_lazy("Classification"), required=False, help_text=gettext_lazy("Used where a line states none.")
    )
    media_type = forms.ChoiceField(
        label=gettext_lazy("Media type"),
        choices=MediaType.choices,
        help_text=gettext_lazy("Used where a line states none."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Used where a line states none."),
    )
    mapping = forms.CharField(
        label=gettext_lazy("Mapping"),
        max_length=LONGEST_MAPPING,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("For CSV and JSON Lines with other columns. Enter the JSON that tutela import accepts."),
    )
    act = forms.ChoiceField(
        label=gettext_lazy("Action"),
        initial="look",
        widget=forms.RadioSelect,
        choices=[("look", gettext_lazy("check only: nothing is stored")), ("propose", gettext_lazy("propose"))],
    )
    answer = forms.ChoiceField(
        label=gettext_lazy("Refused lines"),
        initial="page",
        widget=forms.RadioSelect,
        required=False,
        choices=[("page", gettext_lazy("show on this page")), ("csv", gettext_lazy("download as a file"))],
    )
    # Last, so that everything else is known as it comes.
    file = forms.FileField(label=gettext_lazy("File"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", _("stated in each line")), *((one.code, one.label) for one in choices())]
        self.fields["classification"].choices = every  # type: ignore[attr-defined]
        most = {"most": desk_upload.LINES, "megabytes": desk_upload.MOST_MEGABYTES}
        self.fields["file"].help_text = (
            _("At most %(most)s entries and %(megabytes)s MB. Digests only, no pictures.") % most
        )

    def handed(self, upload: FileIn) -> Handed:
        """Return the submitted file with its parameters. Raises `Invalid`, `Unreadable`, `FormUnreadableError`."""
        data, body = self.cleaned_data, desk_upload.whole(upload.pieces())
        otherwise = Defaults(data["media_type"], data["classification"], data["reason"])
        return Handed(upload.name or "", body, data["source"], otherwise, data["format"], self.mapped())

    def mapped(self) -> Mapping | None:
        """The mapping, if there is one. Raises `Unreadable`."""
        return read_mapping(self.cleaned_data["mapping"]) if self.cleaned_data["mapping"].strip() else None


@csrf_exempt  # `with_file` checks the token, before it passes on a byte of the file
@page("indicators.propose", write="indicators.propose")
@partial(with_file, longest_field=LONGEST_MAPPING * 4)
def upload(request: HttpRequest, actor: Actor, upload: FileIn | FormUnreadableError) -> HttpResponse:
    """A form for a file; then what becomes of each line, as a page or as a file."""
    form = UploadForm(request.POST if request.method == "POST" else None)
    outcome = _taken(actor, form, upload) if request.method == "POST" else None
    if outcome is not None and form.cleaned_data["answer"] == "csv":
        return table("refused.csv", desk_upload.rows(outcome.bad))
    bad = outcome.bad if outcome else []
    context = {
        "form": form,
        "barred": _barred(actor),
        "report": outcome.report if outcome else None,
        "bad": bad[:MOST_LINES_SHOWN],
        "more": len(bad[MOST_LINES_SHOWN:]),
        "proposed": outcome is not None and form.cleaned_data["act"] == "propose",
    }
    return render(request, "indicators/imports/upload.html", context)


def _taken(actor: Actor, form: UploadForm, upload: FileIn | FormUnreadableError) -> UploadOutcome | None:
    if isinstance(upload, FormUnreadableError):
        form.add_error("file", str(upload))
        return None
    if not upload.name:
        form.add_error("file", _("Choose a file."))
    if not form.is_valid():
        return None
    try:
        return desk_upload.take(actor, form.handed(upload), dry_run=form.cleaned_data["act"] != "propose")
    except Unreadable as error:
        form.add_error("mapping", str(error))
    except FormUnreadableError as error:
        form.add_error("file", str(error))
    except TutelaError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return None


def _barred(actor: Actor) -> str:
    """Return why the organisation may not import; empty if it may."""
    try:
        runner.check(actor)
    except TutelaError as error:
        return str(error)
    return ""
