"""Curators' desk: studies, their results, judgements, imports, and results that are overdue."""

from __future__ import annotations

from dataclasses import asdict, replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.web.page_access import about, action, page
from tutela.organisations.web.steps import by_form, saved
from tutela.prevention.errors import StudyKnown
from tutela.prevention.hub import imports
from tutela.prevention.knowledge import judge, overdue, programmes, studies
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.knowledge.studies import StudyInput
from tutela.prevention.models import StudyEdition, StudyStatus
from tutela.prevention.web.forms import ChaseForm, ImportForm, InterestForm, JudgementForm, ResultForm, StudyForm

# Fields of an edition that a form shows as text of its own.
_WRITTEN = ("authors", "countries", "checked")


@page(READ)
def list_studies(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Studies, the newest first."""
    words = request.GET.get("find", "").strip()[:100]
    unjudged = request.GET.get("view") == "unjudged"
    found = studies.newest(actor, unjudged=unjudged)
    rows = [one for one in found if words.casefold() in f"{one.title} {one.study}".casefold()]
    context = {"rows": rows, "find": words, "unjudged": unjudged, "may_curate": actor.can(CURATE)}
    return render(request, "prevention/desk/studies.html", context)


@page(CURATE, write=CURATE)
def enter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a study."""
    form = StudyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = saved(form, lambda: studies.enter(actor, form.given()))
        if made is not None:
            return redirect("prevention_study", made)
    return render(request, "prevention/desk/study_form.html", {"form": form})


@page(READ)
def show(request: HttpRequest, actor: Actor, study: UUID) -> HttpResponse:
    """A study with its results, judgements and editions."""
    editions = studies.history(actor, study)
    rows = judge.judgements(actor, study)
    context = {
        "edition": editions[0],
        "editions": editions,
        "judgements": rows,
        "agreement": judge.study_agreement(rows),
        "overdue": overdue.is_overdue(editions[0]),
        "interests": judge.interests(actor, study),
        "interest": InterestForm(auto_id="interest_%s"),
        "judgement": JudgementForm(auto_id="judgement_%s"),
        "result": ResultForm(programmes.newest(actor), auto_id="result_%s"),
        "chase": ChaseForm(auto_id="chase_%s"),
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/study.html", context)


@page(CURATE, write=CURATE)
def edit(request: HttpRequest, actor: Actor, study: UUID) -> HttpResponseBase:
    """Add an edition of a study; it keeps its results."""
    newest = studies.history(actor, study)[0]
    form = StudyForm(request.POST if request.method == "POST" else None, initial=_initial(newest))
    if request.method == "POST":
        kept = (tuple(studies.input_of(newest).results), tuple(newest.programmes))
        made = saved(form, lambda: studies.edit(actor, study, replace(form.given(*kept), language=newest.language)))
        if made is not None:
            return redirect("prevention_study", study)
    return render(request, "prevention/desk/study_form.html", {"form": form, "edition": newest})


@action(CURATE)
@about(studies.exists)
def add_result(request: HttpRequest, actor: Actor, study: UUID) -> HttpResponseBase:
    """Add a result, with a new edition."""
    newest = studies.history(actor, study)[0]
    form = ResultForm(programmes.newest(actor), request.POST)

    def work() -> int:
        said = studies.input_of(newest)
        return studies.edit(actor, study, replace(said, results=(*said.results, form.given())))

    return by_form(request, redirect("prevention_study", study), form, work, _("The result is entered."))


@action(CURATE)
@about(studies.exists)
def judge_study(request: HttpRequest, actor: Actor, study: UUID) -> HttpResponseBase:
    """Judge the risk of bias."""
    form = JudgementForm(request.POST)
    work = lambda: judge.judge(actor, study, form.domains(), form.cleaned_data["reason"])  # noqa: E731
    return by_form(request, redirect("prevention_study", study), form, work, _("Your judgement is recorded."))


@action(CURATE)
@about(studies.exists)
def state_interest(request: HttpRequest, actor: Actor, study: UUID) -> HttpResponseBase:
    """State an own conflict of interest."""
    form = InterestForm(request.POST)
    work = lambda: judge.state_interest(actor, study, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("prevention_study", study), form, work, _("Your conflict is recorded."))


@page(READ)
def list_overdue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Studies that owe their results."""
    context = {"rows": overdue.list_overdue(actor), "may_curate": actor.can(CURATE)}
    return render(request, "prevention/desk/overdue.html", context)


@action(CURATE)
@about(studies.exists)
def chase(request: HttpRequest, actor: Actor, study: UUID) -> HttpResponseBase:
    """Record a step towards overdue results."""
    form = ChaseForm(request.POST)
    work = lambda: overdue.chase(actor, study, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("prevention_study", study), form, work, _("The step is recorded."))


@page(CURATE, write=CURATE)
def import_studies(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter the studies of a file. Known studies are left as they are."""
    form = ImportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            found = imports.read(form.cleaned_data["kind"], form.cleaned_data["text"])
        except TutelaError as error:
            form.add_error(error.field, str(error))
        else:
            _enter_found(request, actor, found)
            return redirect("prevention_studies")
    return render(request, "prevention/desk/import.html", {"form": form})


def _enter_found(request: HttpRequest, actor: Actor, found: list[StudyInput]) -> None:
    entered, known, retracted, refused = 0, 0, 0, 0
    for one in found:
        try:
            studies.enter(actor, one)
            entered += 1
        except StudyKnown:
            known += 1
            retracted += one.status == StudyStatus.RETRACTED and studies.retract(actor, one.doi)
        except TutelaError:
            refused += 1
    said = {"entered": entered, "known": known, "retracted": retracted, "refused": refused}
    text = _("Entered: %(entered)s. Known: %(known)s. Now retracted: %(retracted)s. Refused: %(refused)s.")
    messages.success(request, text % said)


def _initial(newest: StudyEdition) -> dict[str, object]:
    given = asdict(studies.input_of(newest))
    found = {name: given[name] for name in StudyForm.base_fields if name not in _WRITTEN}
    return found | {"authors": "; ".join(newest.authors), "countries": " ".join(newest.countries)}
