"""Curators' desk: texts of named professionals with visits of their pages, and a search with saved views."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, as_file, paged
from tutela.organisations.web.page_access import page, page_number
from tutela.organisations.web.steps import saved
from tutela.prevention.hub import search
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.models import GradeName, HubEntry, Stage, Target, TextKind
from tutela.prevention.signposts import authored_texts, visits
from tutela.prevention.signposts.authored_texts import TextInput
from tutela.prevention.web.forms import DAY

# The hub's own filters, which a saved view keeps.
SEARCH = saved_views.offer("prevention_search", READ, " ".join(("q", "speaks", *search.FACETS)))
COLUMNS: tuple[Column[HubEntry], ...] = (
    Column("kind", _("Kind"), lambda one: one.kind),
    Column("title", _("Title"), lambda one: one.title),
    Column("grade", _("Grade"), lambda one: one.grade),
    Column("id", _("ID"), lambda one: one.subject_id),
)


class TextForm(forms.Form):
    """A text of a named professional."""

    kind = forms.ChoiceField(label=_("Kind"), choices=TextKind.choices)
    language = forms.CharField(label=_("Language (two letters)"), min_length=2, max_length=2)
    title = forms.CharField(label=_("Title"), max_length=200)
    text = forms.CharField(label=_("Text"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 8}))
    owner = forms.CharField(label=_("Name of the owner"), max_length=200)
    owner_profession = forms.CharField(label=_("Profession of the owner"), max_length=120)
    licence = forms.CharField(label=_("Licence"), max_length=80)
    review_due = forms.DateField(label=_("Next review"), widget=DAY)
    grade = forms.ChoiceField(label=_("Evidence grade"), choices=GradeName.choices, initial=GradeName.NOT_EVALUATED)
    questions = forms.CharField(
        label=_("Self-test of a lesson"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One line each: ? question, + right option, - other option, ! reason."),
    )


@page(READ, write=CURATE)
def list_texts(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Texts with their owners; a curator enters one."""
    form = TextForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = saved(form, lambda: authored_texts.enter(actor, TextInput(**form.cleaned_data)))
        if made is not None:
            return redirect("prevention_texts")
    context = {
        "rows": authored_texts.list_texts(actor),
        "figures": visits.figures(actor),
        "form": form,
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/texts.html", context)


@page(READ)
def search_hub(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Search of the hub, whose words and filters can be saved and shared; or all results as a file."""
    language = request.GET.get("speaks", settings.LANGUAGE_CODE)[:2]
    wanted = search.read(request.GET.dict(), language, page_number(request))
    with acting(actor):
        if as_file(request.GET):
            return paged(search.matching(wanted), COLUMNS, "", ()).csv("evidence.csv")
        found = search.search(wanted)
    context = {
        "wanted": wanted,
        "found": found,
        "stages": Stage.choices,
        "targets": Target.choices,
        "grades": GradeName.choices,
    }
    return render(request, "prevention/desk/search.html", context)
