"""Law pages: the public state of the law, the legal-basis calculator, and the record of readings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import ValidationError

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown.taxonomy import shipped_taxonomy
from tutela.law import acts, clocks, detection_gate, measures, recorded_bases
from tutela.law import classification as schemes
from tutela.law.clock_kinds import KINDS
from tutela.law.retention import RULES
from tutela.law.web.forms import GateForm, MeasureForm, ReadingForm, SchemeForm, WhereForm
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.web.page_access import page, public

ACTS: tuple[Column[acts.ActState], ...] = (
    Column("act", gettext_lazy("Act"), lambda one: one.code, shown=lambda one: f"{one.code} {one.title}"),
    Column("status", gettext_lazy("Status"), lambda one: one.status, shown=lambda one: one.status_name),
    Column("checked", gettext_lazy("Checked"), lambda one: "yes" if one.checked else "no"),
    Column("reader", gettext_lazy("Read by"), lambda one: one.reader or None),
    Column("read", gettext_lazy("Last read"), lambda one: one.read_on),
)
saved_views.offer("law_desk", "law.edit", FIELDS)


@public()
def state_of_the_law(request: HttpRequest) -> HttpResponse:
    """Show every act with its status, reader and day.

    Also shows the result of the legal-basis check for a kind of detection on a day.
    """
    today = clock.now().date()
    form = GateForm(request.GET) if "service" in request.GET else GateForm(initial={"day": today})
    decision = None
    if form.is_bound and form.is_valid():
        day = form.cleaned_data.pop("day")
        decision = detection_gate.decide(detection_gate.Activity(**form.cleaned_data), day)
    states = [(state, state.acts_on(today)) for state in acts.states()]
    context = {
        "states": states,
        "form": form,
        "decision": decision,
        "clocks": KINDS.values(),
        "rules": RULES.values(),
        "simulated_clocks": clocks.simulated(),
        "measures": measures.measures(),
        "bases": [one for one in recorded_bases.bases() if one.confirmed is not None],
    }
    return render(request, "law/state.html", context)


@public()
def classification(request: HttpRequest) -> HttpResponse:
    """The two layers: what is depicted, by scheme, and where that is illegal, by which norm, since when."""
    asked = "value" in request.GET
    form = WhereForm(request.GET) if asked else WhereForm(initial={"on": clock.now().date()})
    found = None
    if usable := asked and form.is_valid():
        found = schemes.illegal_in(*(form.cleaned_data[name] for name in ("value", "country", "on")))
    context = {"schemes": schemes.schemes(), "form": form, "asked": usable, "found": found}
    return render(request, "law/classification.html", context)


@page("law.edit", write="law.edit")
def import_scheme(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Import a classification scheme, or extend an existing one, from a JSON file."""
    form = SchemeForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            if given["shipped"]:
                new = schemes.import_taxonomy(actor, shipped_taxonomy(given["shipped"]))
            else:
                new = schemes.import_file(actor, given["file"].read(schemes.MOST_BYTES + 1))
            messages.success(request, ngettext("%(n)s new value.", "%(n)s new values.", new) % {"n": new})
            return redirect("classification")
        except ValidationError as error:
            form.add_error("file", in_words(error))
        except TutelaError as error:
            form.add_error("file", str(error))
    return render(request, "law/import.html", {"form": form})


@page("law.edit")
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    found = arranged(request.GET, acts.states(), ACTS)
    if as_file(request.GET):
        return found.csv("acts.csv")
    return render(request, "law/desk.html", {"found": found})


@page("law.edit", write="law.edit")
def measure_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Gaps and national measures, and the form for a new one."""
    form = MeasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            measures.add(actor, measures.MeasureInput(**form.cleaned_data))
            messages.success(request, _("Recorded. The legal-basis check uses it from now on."))
            return redirect("law_measures")
        except TutelaError as error:
            form.add_error(error.field, str(error))
    context = {"form": form, "measures": measures.measures()}
    return render(request, "law/measures.html", context, status=422 if form.errors else 200)


@page("law.edit", write="law.edit")
def act(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """One act: its readings, and the form to record one's own."""
    state = acts.state(code)
    form = ReadingForm(
        request.POST or None,
        initial={"status": state.status, "applies_from": state.applies_from, "applies_to": state.applies_to},
    )
    if request.method == "POST" and form.is_valid():
        try:
            acts.record_reading(actor, code, **form.cleaned_data)
            messages.success(request, _("Reading recorded. The legal-basis check uses it from now on."))
            return redirect("law_act", code=code)
        except TutelaError as error:
            form.add_error(error.field, str(error))
    return render(request, "law/act.html", {"state": state, "form": form, "readings": acts.readings(code)})
