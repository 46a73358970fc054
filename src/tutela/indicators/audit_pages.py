"""Pages of samples: their history, one of them, and what an organisation is asked to look at again."""

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
from tutela.indicators import reviewing, sampling
from tutela.indicators.models import Finding
from tutela.law.classification import choices
from tutela.organisations.web import action, page, page_number


class SampleForm(forms.Form):
    size = forms.IntegerField(
        label=gettext_lazy("How many"), min_value=1, max_value=sampling.MOST, initial=300,
        help_text=gettext_lazy("None wrong among 300 means: with 95 % confidence fewer than 1.3 % are."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)


class FindingForm(forms.Form):
    finding = forms.ChoiceField(label=gettext_lazy("The item"), choices=Finding.choices, widget=forms.RadioSelect)
    classification = forms.ChoiceField(
        label=gettext_lazy("Its class, as you see it"), required=False,
        help_text=gettext_lazy("Where it belongs in the register."),
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, required=False,
        help_text=gettext_lazy("Where it does not."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(c.code, c.label) for c in choices()]
        self.fields["classification"].choices = [("", "—"), *known]  # type: ignore[attr-defined]


@page("indicators.read", write="audit.sample")
def samples(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every sample that was drawn, and a form to draw one."""
    form = SampleForm(request.POST or None) if actor.can("audit.sample") else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            made = sampling.draw(actor, form.cleaned_data["size"], form.cleaned_data["reason"])
            messages.success(request, _("Drawn. Those who hold the items are asked."))
            return redirect("audit_sample", made)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    number = page_number(request)
    rows, more = sampling.listing(actor, number)
    context = {"rows": rows, "more": more, "number": number, "form": form}
    return render(request, "indicators/samples.html", context)


@page("indicators.read", write="audit.sample")
def sample(request: HttpRequest, actor: Actor, sample: UUID) -> HttpResponse:
    """One sample; what was found once it is closed. Posted, it is drawn once more and compared."""
    shown, found = sampling.of(actor, sample)
    again = sampling.drawn_again(actor, sample) if request.method == "POST" else None
    context = {"shown": shown, "row": shown.row, "found": found, "again": again}
    return render(request, "indicators/sample.html", context)


@page("indicators.read")
def sample_file(request: HttpRequest, actor: Actor, sample: UUID) -> HttpResponse:
    """A closed sample, to be counted elsewhere."""
    found = sampling.exported(actor, sample)
    name = f'attachment; filename="sample-{found["sample"]}.json"'
    return JsonResponse(found, headers={"Content-Disposition": name})


@action("audit.sample")
def sample_close(request: HttpRequest, actor: Actor, sample: UUID) -> HttpResponseBase:
    """End it; the Centre may stop what was found wrong with the same click."""
    try:
        suspend = bool(request.POST.get("suspend")) and actor.can("indicators.revoke")
        sampling.close(actor, sample, request.POST.get("note", ""), suspend=suspend)
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("audit_sample", sample)
    messages.success(request, _("Closed. Everybody on the register sees the result."))
    return redirect("audit_sample", sample)


@page("indicators.certify", write="indicators.certify")
def review(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The next item to look at again, and the answer."""
    form = FindingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reviewing.answer(actor, _uuid(request.POST.get("item", "")), **form.cleaned_data)
            messages.success(request, _("Recorded. Nobody sees it before the sample is closed."))
            return redirect("audit_review")
        except NotFound:
            raise
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    context = {"asked": reviewing.following(actor), "form": form}
    return render(request, "indicators/review.html", context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
