"""Pages of the law: the public state of the law, the gate as a calculator, and the record of readings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.law import acts, gate
from tutela.law.clock_kinds import KINDS
from tutela.law.forms import GateForm, ReadingForm
from tutela.law.retention import RULES
from tutela.organisations.web import page, public


@public()
def state_of_the_law(request: HttpRequest) -> HttpResponse:
    """Every act with its status, reader and day; and what the gate says about a kind of detection on a day."""
    today = clock.now().date()
    form = GateForm(request.GET) if "service" in request.GET else GateForm(initial={"day": today})
    decision = None
    if form.is_bound and form.is_valid():
        day = form.cleaned_data.pop("day")
        decision = gate.decide(gate.Activity(**form.cleaned_data), day)
    states = [(state, state.acts_on(today)) for state in acts.states()]
    context = {"states": states, "form": form, "decision": decision, "clocks": KINDS.values(), "rules": RULES.values()}
    return render(request, "law/state.html", context)


@page("law.edit")
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    return render(request, "law/desk.html", {"states": acts.states()})


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
            messages.success(request, _("Recorded. The gate follows it from now on."))
            return redirect("law_act", code=code)
        except TutelaError as error:
            form.add_error(error.field, str(error))
    return render(request, "law/act.html", {"state": state, "form": form, "readings": acts.readings(code)})
