"""Examination of a case: task for the own machine, its result, and verdicts on the files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.law import classification
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action
from tutela.takedown.assessment import items
from tutela.takedown.assessment.items import ItemJudgement
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.case_work.found_items import ExaminationView
from tutela.takedown.case_work.work_queue import exists
from tutela.takedown.examination import tasks
from tutela.takedown.examination.tasks import CHANGE, MOST_BYTES
from tutela.takedown.models import Reality, Verdict
from tutela.takedown.web.steps import done, refused, to_case


class TaskForm(forms.Form):
    """`machine`: of the person's own ones. `authority`: of those with a key."""

    machine = forms.UUIDField(label=gettext_lazy("Machine"), widget=forms.Select)
    authority = forms.UUIDField(
        label=gettext_lazy("Seal evidence to"),
        widget=forms.Select,
        required=False,
        help_text=gettext_lazy("Only if the mandate of the machine covers it."),
    )

    def __init__(self, actor: Actor, machines: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["machine"].widget.choices = [(str(one.pk), one.name) for one in machines]
        known = [(str(one.id), f"{one.name} ({one.country})") for one in tasks.sealing_authorities(actor)]
        self.fields["authority"].widget.choices = [("", gettext_lazy("nobody")), *known]


class ResultForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("Result file"))


class ItemForm(forms.Form):
    """Verdict on one file; nothing chosen leaves it open. `labels`: choices that were read once for all files."""

    item = forms.UUIDField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label=gettext_lazy("Verdict"),
        required=False,
        choices=[("", "—"), *((one.value, one.label) for one in items.SEVERITY)],
    )
    label = forms.ChoiceField(label=gettext_lazy("Label of the content"), required=False)
    reality = forms.ChoiceField(label=gettext_lazy("Child"), required=False, choices=[("", "—"), *Reality.choices])

    def __init__(self, *args: Any, labels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].choices = [("", "—"), *labels]  # type: ignore[attr-defined]


# Files that are assessed with one form; the next ones follow.
AT_ONCE = 50
ItemFormSet = forms.formset_factory(ItemForm, extra=0, absolute_max=AT_ONCE, max_num=AT_ONCE)


def _labels() -> dict[str, object]:
    return {"labels": [(one.code, one.label) for one in classification.choices()]}


def item_forms(full: ExaminationView) -> dict[str, object]:
    """Files with their form, if this person is asked about them; of those the first `AT_ONCE`."""
    asked = [one for one in full.items if one.asks][:AT_ONCE]
    if not asked:
        return {"items": [(one, None) for one in full.items], "item_forms": None}
    made = ItemFormSet(initial=[{"item": one.item.row.pk} for one in asked], form_kwargs=_labels())
    by_item = {one.item.row.pk: form for one, form in zip(asked, made, strict=True)}
    return {"items": [(one, by_item.get(one.item.row.pk)) for one in full.items], "item_forms": made}


@action(CHANGE)
@about(exists)
def task(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    """A task for the own machine, as a file."""
    form = TaskForm(actor, [], request.POST)
    if not form.is_valid():
        return refused(request, to_case(case), form)
    given = form.cleaned_data
    try:
        body = tasks.make_task(actor, case, given["machine"], given["authority"])
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return to_case(case)
    answer = HttpResponse(body, content_type="application/octet-stream")
    answer["Content-Disposition"] = 'attachment; filename="task.age"'
    return answer


@action(CHANGE)
@about(exists)
def result(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    """Take a result file."""
    form = ResultForm(request.POST, request.FILES)
    if not form.is_valid():
        return refused(request, to_case(case), form)

    def work() -> str:
        taken = tasks.take_result(actor, case, form.cleaned_data["file"].read(MOST_BYTES + 1))
        if not taken.status:
            raise Invalid("The address did not answer. Nothing was examined.")
        text = ngettext(
            "%(n)s file was found, %(c)s certified.", "%(n)s files were found, %(c)s certified.", taken.items
        )
        return text % {"n": taken.items, "c": taken.certified}

    return done(request, to_case(case), work)


@action(CHANGE)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def assess(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    """Record verdicts on files."""
    forms_of_items = ItemFormSet(request.POST, form_kwargs=_labels())
    if not forms_of_items.is_valid():
        wrong = next((one for one in forms_of_items if one.errors), None)
        if wrong is not None:
            return refused(request, to_case(case), wrong)
        messages.error(request, _("Some of the form is missing. Reload the page."))
        return to_case(case)
    said = [one for one in forms_of_items.cleaned_data if one.get("verdict")]
    given = [_judgement(one) for one in said]
    if not given:
        messages.error(request, _("Choose a verdict for at least one file."))
        return to_case(case)

    def work() -> str:
        stored = items.assess_items(actor, case, given)
        return ngettext("%(n)s file was assessed.", "%(n)s files were assessed.", stored) % {"n": stored}

    return done(request, to_case(case), work)


def _judgement(said: dict[str, Any]) -> ItemJudgement:
    """A lawful file has neither label nor child."""
    if said["verdict"] == Verdict.LEGAL:
        return ItemJudgement(said["item"], said["verdict"])
    return ItemJudgement(said["item"], said["verdict"], said["label"], said["reality"])
