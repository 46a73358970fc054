"""Audit sample pages: history, single sample, and the items an organisation is asked to review."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.indicators.audits import blind_review, sample_selection
from tutela.indicators.audits import results as audits_results
from tutela.indicators.models import Finding
from tutela.indicators.register import search
from tutela.law.classification import choices
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, arranged, as_file, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page, part

COLUMNS: tuple[Column[audits_results.SampleView], ...] = (
    Column("sample", gettext_lazy("Sample"), lambda one: one.row.number),
    Column("drawn", gettext_lazy("Selected"), lambda one: one.row.created_at),
    Column("by", gettext_lazy("By"), lambda one: one.owner),
    Column("active", gettext_lazy("Active indicators"), lambda one: one.row.population, number=True),
    Column("entries", gettext_lazy("Sampled indicators"), lambda one: one.asked, number=True),
    Column("answered", gettext_lazy("Answered"), lambda one: one.answered, number=True),
    Column("wrong", gettext_lazy("Wrong"), lambda one: one.wrong.count if one.wrong else None, number=True),
)
FOUND: tuple[Column[audits_results.ReviewResult], ...] = (
    Column("place", gettext_lazy("Place"), lambda one: one.item.place, number=True),
    Column("indicator", gettext_lazy("Indicator"), lambda one: one.item.indicator.number),
    Column("classification", gettext_lazy("Classification"), lambda one: one.item.indicator.classification),
    Column(
        "answers",
        gettext_lazy("Answers"),
        lambda one: " ".join(sorted(a.finding for a in one.answers)) or None,
        shown=lambda one: " ".join(f"{a.get_finding_display()} {a.classification} {a.note}" for a in one.answers),
    ),
)
STATES = [("", gettext_lazy("all")), ("open", gettext_lazy("open")), ("closed", gettext_lazy("closed"))]
saved_views.offer("audit_samples", "indicators.read", "state sort")


class SampleForm(forms.Form):
    size = forms.IntegerField(
        label=gettext_lazy("Sample size"),
        min_value=1,
        max_value=sample_selection.MOST_SELECTED,
        initial=300,
        help_text=gettext_lazy("If none of 300 is wrong, fewer than 1.3 % are wrong, with 95 % confidence."),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)


class FindingForm(forms.Form):
    finding = forms.ChoiceField(label=gettext_lazy("The item"), choices=Finding.choices, widget=forms.RadioSelect)
    classification = forms.ChoiceField(
        label=gettext_lazy("Class, in your assessment"),
        required=False,
        help_text=gettext_lazy("Needed if the item belongs in the register."),
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Needed if the item does not belong in the register."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(c.code, c.label) for c in choices()]
        self.fields["classification"].choices = [("", "—"), *known]  # type: ignore[attr-defined]


@page("indicators.read", write="audit.sample")
def samples(request: HttpRequest, actor: Actor) -> HttpResponse:
    """List all samples, with a form to draw one."""
    form = SampleForm(request.POST or None) if actor.can("audit.sample") else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            wanted = sample_selection.request_sample(actor, form.cleaned_data["size"], form.cleaned_data["reason"])
            if (made := sample_selection.begin(actor, wanted)).sample_id is None:
                messages.success(request, _("The sample is being created. This page shows the progress."))
                return redirect("audit_samples")
            messages.success(
                request, _("Sample created. The organisations that hold the items are asked to review them.")
            )
            return redirect("audit_sample", made.sample_id)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    asked, state = part(request), request.GET.get("state", "")
    rows, more = audits_results.list_samples(actor, asked, state)
    found = paged(rows, COLUMNS, asked.sort, audits_results.SORTS)
    if asked.file:
        return found.csv("samples.csv")
    context = {"found": found, "more": more, "number": asked.page, "form": form, "state": state, "states": STATES}
    context |= {"drawing": sample_selection.going_on(actor), "active": search.counts(actor)["active"]}
    return render(request, "indicators/audits/samples.html", context)


@page("indicators.read", write="audit.sample")
def sample(request: HttpRequest, actor: Actor, sample: UUID) -> HttpResponse:
    """Show a sample, with findings once it is closed. On POST, draw it again and compare."""
    if request.method == "POST":
        sample_selection.begin(actor, sample_selection.order_again(actor, sample))
    shown, results = audits_results.load_sample(actor, sample)
    found = arranged(request.GET, results, FOUND)
    if as_file(request.GET) and shown.closing:
        return found.csv(f"sample-{shown.row.number}.csv")
    context = {"shown": shown, "row": shown.row, "found": found, "again": shown.compared}
    return render(request, "indicators/audits/sample.html", context)


@page("indicators.read")
def sample_file(request: HttpRequest, actor: Actor, sample: UUID) -> HttpResponse:
    """A closed sample, to be counted elsewhere."""
    found = audits_results.exported(actor, sample)
    name = f'attachment; filename="sample-{found["sample"]}.json"'
    return JsonResponse(found, headers={"Content-Disposition": name})


@action("audit.sample")
@confirmed()
def sample_close(request: HttpRequest, actor: Actor, sample: UUID) -> HttpResponseBase:
    """End it; the Centre may stop what was found wrong with the same click."""
    try:
        suspend = bool(request.POST.get("suspend")) and actor.can("indicators.revoke")
        audits_results.close(actor, sample, request.POST.get("note", ""), suspend=suspend)
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("audit_sample", sample)
    messages.success(request, _("Sample closed. Every member of the register sees the result."))
    return redirect("audit_sample", sample)


@page("indicators.certify", write="indicators.certify")
def review(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The next item to look at again, and the answer."""
    form = FindingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            blind_review.answer(actor, _uuid(request.POST.get("item", "")), **form.cleaned_data)
            messages.success(request, _("Answer recorded. Nobody sees the answer before the sample is closed."))
            return redirect("audit_review")
        except NotFound:
            raise
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    context = {"asked": blind_review.following(actor), "form": form}
    return render(request, "indicators/audits/blind_review.html", context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
