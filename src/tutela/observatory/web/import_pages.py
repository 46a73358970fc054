"""Desk pages of figures that others publish: imports, what must be known of each, and why no ranking is possible."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.message.translatable_text import filled
from tutela.observatory.errors import NotATable
from tutela.observatory.imports import imported
from tutela.observatory.models import ImportKind
from tutela.observatory.operations.refusals import OperationRefusal
from tutela.organisations.web.page_access import page

MOST_SHOWN = 500


class FilesInput(forms.ClearableFileInput):
    """An input for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A field of several files; its value is the list of them."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Check each file as a field of one file does."""
        given = data if isinstance(data, list | tuple) and data else [None]
        return [super(FilesField, self).clean(one, initial) for one in given]


class FigureImportForm(forms.Form):
    """Files of one publication."""

    kind = forms.ChoiceField(label=gettext_lazy("Format"), choices=ImportKind.choices)
    published = forms.DateField(
        label=gettext_lazy("Published on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    tables = FilesField(
        label=gettext_lazy("Files (CSV)"),
        help_text=gettext_lazy("Choose all parts of a transparency report together: illegal content, terms, notices."),
    )


class DayForm(forms.Form):
    """A day of which it is asked what figures said."""

    day = forms.DateField(
        label=gettext_lazy("Figures as of"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@page(imported.READ, write=imported.IMPORT)
def list_imports(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Imports of the organisation, and the form for another."""
    form = FigureImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _import(actor, form.cleaned_data)
        except TutelaError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The file is imported."))
            return redirect("import_of_figures", made)
    day = DayForm(request.GET or {"day": clock.now().date()})
    said = imported.said_on(actor, day.cleaned_data["day"]) if day.is_valid() else []
    context = {
        "form": form,
        "day": day,
        "imports": imported.listed(actor),
        "figures": said[:MOST_SHOWN],
        "cut": len(said) > MOST_SHOWN,
        "refused": _refusals(imported.refused_ranking(said)) if said else [],
        "may_import": actor.can(imported.IMPORT),
    }
    return render(request, "observatory/desk/imports.html", context)


@page(imported.READ)
def show(request: HttpRequest, actor: Actor, figure_import: UUID) -> HttpResponse:
    """An import: its figures, and what must be known of them."""
    found = imported.load(actor, figure_import)
    context = {
        "found": found,
        "figures": found.figures[:MOST_SHOWN],
        "cut": len(found.figures) > MOST_SHOWN,
        "remarks": [filled(_(one.finding.text), one.values) for one in found.remarks],
    }
    return render(request, "observatory/desk/import.html", context)


def _import(actor: Actor, given: dict[str, Any]) -> UUID:
    chosen = given["tables"]
    if len({one.name for one in chosen}) < len(chosen):
        raise NotATable("Two files have the same name. Rename one of them.", field="tables")
    files = {one.name or "": one.read(imported.MOST_BYTES + 1) for one in chosen[: imported.MOST_FILES + 1]}
    published: date = given["published"]
    return imported.import_files(actor, given["kind"], files, published)


def _refusals(found: list[OperationRefusal]) -> list[str]:
    return [f"{filled(_(one.reason.text), one.values)} {_(one.remedy.text)}" for one in found]
