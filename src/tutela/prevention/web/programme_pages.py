"""Curators' desk: programmes, reviews by survivors, answers of countries, and the data pack."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.organisations.web.page_access import about, action, page
from tutela.organisations.web.steps import by_form, done, saved
from tutela.prevention.hub import public_pages
from tutela.prevention.knowledge import coverage, data_pack, judge, programmes, survivors
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.knowledge.programmes import ProgrammeInput
from tutela.prevention.models import ProgrammeEdition
from tutela.prevention.web.forms import CoverageForm, ProgrammeForm, SurvivorReviewForm


@page(READ)
def list_programmes(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Programmes by name, agreement of curators, and what can be entered."""
    words = request.GET.get("find", "").strip()[:100]
    rows = [one for one in programmes.newest(actor) if words.casefold() in one.name.casefold()]
    context = {
        "rows": rows,
        "find": words,
        "agreement": judge.overall_agreement(actor),
        "coverage": CoverageForm(auto_id="coverage_%s"),
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/programmes.html", context)


@page(CURATE, write=CURATE)
def enter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a programme."""
    form = ProgrammeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = saved(form, lambda: programmes.enter(actor, form.given()))
        if made is not None:
            return redirect("prevention_programme", made)
    return render(request, "prevention/desk/programme_form.html", {"form": form})


@page(READ)
def show(request: HttpRequest, actor: Actor, programme: UUID) -> HttpResponse:
    """A programme with its grades and editions."""
    editions = programmes.history(actor, programme)
    slug = editions[0].programme.slug if editions else ""
    context = {
        "shown": public_pages.programme_of(actor, programme),
        "editions": editions,
        "slug": slug,
        "review": SurvivorReviewForm(auto_id="review_%s"),
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/programme.html", context)


@page(CURATE, write=CURATE)
def edit(request: HttpRequest, actor: Actor, programme: UUID) -> HttpResponseBase:
    """Add an edition of a programme."""
    newest = programmes.history(actor, programme)[0]
    form = ProgrammeForm(request.POST if request.method == "POST" else None, initial=_initial(newest))
    if request.method == "POST":
        made = saved(form, lambda: programmes.edit(actor, programme, _kept(newest, form.given())))
        if made is not None:
            return redirect("prevention_programme", programme)
    return render(request, "prevention/desk/programme_form.html", {"form": form, "edition": newest})


@action(CURATE)
@about(programmes.exists)
def review(request: HttpRequest, actor: Actor, programme: UUID) -> HttpResponseBase:
    """Record a survivors' review."""
    form = SurvivorReviewForm(request.POST)
    work = lambda: survivors.review(actor, programme, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("prevention_programme", programme), form, work, _("The review is recorded."))


@action(CURATE)
def answer_coverage(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Record that a country has no programme."""
    form = CoverageForm(request.POST)
    work = lambda: coverage.answer_none(actor, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("prevention_programmes"), form, work, _("The answer is recorded."))


@action(CURATE)
def enter_pack(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter what the data pack has and this node does not."""
    work = lambda: data_pack.enter_all(actor)  # noqa: E731
    return done(request, redirect("prevention_programmes"), work, _("The data pack is entered, as unchecked."))


def _kept(newest: ProgrammeEdition, given: ProgrammeInput) -> ProgrammeInput:
    """What the form does not ask stays as it was."""
    return replace(given, started=newest.started, ended=newest.ended, derived_from=newest.derived_from_id)


def _initial(newest: ProgrammeEdition) -> dict[str, object]:
    names = [name for name in ProgrammeForm.base_fields if name not in ("countries", "languages", "checked")]
    found: dict[str, object] = {name: getattr(newest, name) for name in names}
    return found | {"countries": " ".join(newest.countries), "languages": " ".join(newest.languages)}
