"""Curators' desk: questions from practice, and policy briefs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page
from tutela.organisations.web.steps import by_form, saved
from tutela.prevention.knowledge import programmes, studies
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.loop import briefs, questions
from tutela.prevention.models import QuestionState, Stage, Target

NONE: list[tuple[str, Any]] = [("", "—")]
STEPS = (
    ("open", gettext_lazy("no study answers it")),
    ("taken", gettext_lazy("a researcher takes it")),
    ("answered", gettext_lazy("answered by the chosen entries")),
    ("not_known", gettext_lazy("answered: nobody knows")),
    ("merged", gettext_lazy("joined with another question")),
    ("used", gettext_lazy("practice used the answer")),
    ("not_used", gettext_lazy("practice did not use the answer")),
)


class WordingForm(forms.Form):
    """Public wording of a question."""

    wording = forms.CharField(label=gettext_lazy("Question for the public, without a case"), max_length=400)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=[*NONE, *Stage.choices], required=False)
    target = forms.ChoiceField(label=gettext_lazy("For whom"), choices=[*NONE, *Target.choices], required=False)


class StepForm(forms.Form):
    """A step of a question."""

    step = forms.ChoiceField(label=gettext_lazy("What happened"), choices=STEPS)
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    researcher = forms.CharField(label=gettext_lazy("Researcher"), max_length=200, required=False)
    study = forms.ChoiceField(label=gettext_lazy("Study"), required=False)
    into = forms.ChoiceField(label=gettext_lazy("Joined with"), required=False)
    entries = forms.MultipleChoiceField(
        label=gettext_lazy("Entries that answer"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, actor: Actor, question: UUID, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        entries, study, into = (self.fields[name] for name in ("entries", "study", "into"))
        assert isinstance(entries, forms.MultipleChoiceField)
        assert isinstance(study, forms.ChoiceField)
        assert isinstance(into, forms.ChoiceField)
        others = [one for one in questions.list_questions(actor) if one.pk != question and one.wording]
        into.choices = [*NONE, *((str(one.pk), f"{one.number} {one.wording}") for one in others)]
        entries.choices = [(str(one.subject_id), one.title) for one in questions.suggestions(actor, question)]
        study.choices = [*NONE, *((str(one.study_id), one.title) for one in studies.newest(actor))]


class BriefForm(forms.Form):
    """A policy brief."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}))
    programmes = forms.MultipleChoiceField(
        label=gettext_lazy("Programmes, with all of their grades"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, actor: Actor, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["programmes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one.programme_id), one.name) for one in programmes.newest(actor)]


@page(READ, write=CURATE)
def list_questions(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Questions by state, with the time to an answer; a curator enters one that came another way."""
    state = request.GET.get("state", "")
    form = WordingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = saved(form, lambda: questions.enter(actor, **form.cleaned_data))
        if made is not None:
            return redirect("prevention_question", made)
    context = {
        "rows": questions.list_questions(actor, state if state in QuestionState.values else ""),
        "state": state,
        "states": QuestionState.choices,
        "time": questions.time_to_answer(actor),
        "form": form,
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/questions.html", context)


@page(READ)
def show_question(request: HttpRequest, actor: Actor, question: UUID) -> HttpResponse:
    """A question with its steps."""
    row, steps = questions.show(actor, question)
    initial = {"wording": row.wording, "stage": row.stage, "target": row.target}
    context = {
        "question": row,
        "steps": steps,
        "wording": WordingForm(initial=initial, auto_id="wording_%s"),
        "step": StepForm(actor, question, auto_id="step_%s"),
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/question.html", context)


@action(CURATE)
@about(questions.exists)
def word_question(request: HttpRequest, actor: Actor, question: UUID) -> HttpResponseBase:
    """Give a question its public wording."""
    form = WordingForm(request.POST)
    work = lambda: questions.word(actor, question, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("prevention_question", question), form, work, _("The wording is saved."))


@action(CURATE)
@about(questions.exists)
def add_step(request: HttpRequest, actor: Actor, question: UUID) -> HttpResponseBase:
    """Add a step to a question."""
    form = StepForm(actor, question, request.POST)

    def work() -> None:
        said = form.cleaned_data
        text, step = said["text"], said["step"]
        if step == "open":
            questions.open_question(actor, question, text)
        elif step == "taken":
            questions.take(actor, question, said["researcher"], UUID(said["study"]) if said["study"] else None)
        elif step == "answered":
            questions.answer(actor, question, text, [UUID(one) for one in said["entries"]])
        elif step == "merged":
            questions.merge(actor, question, UUID(said["into"] or str(question)))
        elif step == "not_known":
            questions.answer_not_known(actor, question, text)
        else:
            questions.note_use(actor, question, text, used=step == "used")

    return by_form(request, redirect("prevention_question", question), form, work, _("The step is recorded."))


@page(READ, write=CURATE)
@confirmed()
def list_briefs(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Briefs that were issued; a curator issues one."""
    form = BriefForm(actor, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = saved(form, lambda: _issue(actor, form.cleaned_data))
        if made is not None:
            return redirect("prevention_briefs")
    context = {"rows": briefs.list_briefs(actor), "form": form, "may_curate": actor.can(CURATE)}
    return render(request, "prevention/desk/briefs.html", context)


def _issue(actor: Actor, said: dict[str, Any]) -> UUID:
    return briefs.issue(actor, said["title"], said["text"], [UUID(one) for one in said["programmes"]])
