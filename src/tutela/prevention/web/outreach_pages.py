"""Curators' desk: materials with their lineage, campaigns, and the training register."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.casework.public_languages.names import MEMBERS
from tutela.events.actor import Actor
from tutela.organisations.web.page_access import about, action, page
from tutela.organisations.web.steps import by_form, saved
from tutela.prevention.campaigns import planner
from tutela.prevention.campaigns.planner import PlanInput
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.materials import lineage
from tutela.prevention.materials.lineage import Currency, VersionInput
from tutela.prevention.models import CampaignDesign, ChangeKind, Profession, Relation, Variant
from tutela.prevention.training import register
from tutela.prevention.training.register import ReturnInput
from tutela.prevention.web.forms import DAY

LINES = forms.Textarea(attrs={"rows": 5})
CHANGES = [one for one in ChangeKind.choices if one[0] != ChangeKind.FIRST]


class VersionForm(forms.Form):
    """A version of a material."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    link = forms.CharField(label=gettext_lazy("Address (https://)"), max_length=300, required=False)
    licence = forms.CharField(label=gettext_lazy("Licence"), max_length=80)
    owner = forms.CharField(label=gettext_lazy("Owner"), max_length=200)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=50_000, required=False, widget=LINES)
    variants = forms.MultipleChoiceField(
        label=gettext_lazy("Made for"), choices=Variant.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    accessible = forms.CharField(label=gettext_lazy("Checked accessibility"), max_length=300, required=False)

    def given(self) -> VersionInput:
        """What was entered. Call when the form is valid."""
        return VersionInput(**{name: self.cleaned_data[name] for name in VersionInput.__dataclass_fields__})


class MaterialForm(VersionForm):
    """A material with its first version."""

    language = forms.CharField(label=gettext_lazy("Language (two letters)"), min_length=2, max_length=2)


class DerivedForm(MaterialForm):
    """A translation or an adaptation of a material."""

    relation = forms.ChoiceField(
        label=gettext_lazy("Relation to its source"),
        choices=[one for one in Relation.choices if one[0] != Relation.SOURCE],
    )


class EditForm(VersionForm):
    """A further version."""

    change = forms.ChoiceField(label=gettext_lazy("What changes"), choices=CHANGES)


class CampaignForm(forms.Form):
    """A plan of a campaign."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    aim = forms.CharField(label=gettext_lazy("Aim: one behaviour"), max_length=300)
    audience = forms.CharField(label=gettext_lazy("Audience"), max_length=300)
    audience_size = forms.IntegerField(label=gettext_lazy("Size of the audience"), min_value=0, required=False)
    message = forms.CharField(label=gettext_lazy("Message"), max_length=2000, widget=LINES)
    channel = forms.CharField(label=gettext_lazy("Channel"), max_length=200)
    theory = forms.CharField(label=gettext_lazy("Why it should work"), max_length=2000, widget=LINES)
    design = forms.ChoiceField(label=gettext_lazy("Design of the measurement"), choices=CampaignDesign.choices)
    measure = forms.CharField(label=gettext_lazy("Measure"), max_length=300, required=False)
    sample = forms.IntegerField(label=gettext_lazy("People in each group"), min_value=1, required=False)
    points_before = forms.IntegerField(
        label=gettext_lazy("Points before the start"), min_value=0, max_value=1000, required=False
    )
    base_rate = forms.FloatField(label=gettext_lazy("Share before (0 to 1)"), min_value=0, max_value=1, required=False)
    smallest_difference = forms.FloatField(label=gettext_lazy("Smallest difference that matters"), required=False)
    starts_on = forms.DateField(label=gettext_lazy("Begins"), widget=DAY)
    ends_on = forms.DateField(label=gettext_lazy("Ends"), widget=DAY)


class CampaignResultForm(forms.Form):
    """A result of a campaign."""

    statement = forms.CharField(label=gettext_lazy("Result"), max_length=2000, widget=LINES)
    answered = forms.IntegerField(label=gettext_lazy("Answers in the smaller group"), min_value=0, required=False)
    estimate = forms.FloatField(label=gettext_lazy("Difference"), required=False)
    low = forms.FloatField(label=gettext_lazy("Lower end of the 95 % interval"), required=False)
    high = forms.FloatField(label=gettext_lazy("Upper end of the 95 % interval"), required=False)

    def interval(self) -> tuple[float, float, float] | None:
        """The estimate with its interval, if all three were entered. Call when the form is valid."""
        estimate, low, high = (self.cleaned_data[name] for name in ("estimate", "low", "high"))
        return None if estimate is None or low is None or high is None else (estimate, low, high)


class TrainingForm(forms.Form):
    """A return on training."""

    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=[(one, one) for one in MEMBERS])
    region = forms.CharField(label=gettext_lazy("Region"), max_length=80, required=False)
    profession = forms.ChoiceField(label=gettext_lazy("Profession"), choices=Profession.choices)
    course = forms.CharField(label=gettext_lazy("Course"), max_length=200)
    headcount = forms.IntegerField(
        label=gettext_lazy("People in the profession"),
        min_value=1,
        required=False,
        help_text=gettext_lazy("Leave it empty if nobody knows."),
    )
    trained = forms.IntegerField(label=gettext_lazy("Trained"), min_value=0)
    trained_on = forms.DateField(label=gettext_lazy("Trained on"), widget=DAY)
    valid_months = forms.IntegerField(label=gettext_lazy("Valid (months)"), min_value=1, max_value=120, initial=36)
    source = forms.CharField(label=gettext_lazy("Source"), max_length=300)


@page(READ, write=CURATE)
def list_materials(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Sources; a curator enters one."""
    form = MaterialForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = saved(form, lambda: lineage.enter(actor, form.given(), form.cleaned_data["language"].lower()))
        if made is not None:
            return redirect("prevention_material", made)
    context = {"rows": lineage.sources(actor), "form": form, "may_curate": actor.can(CURATE)}
    return render(request, "prevention/desk/materials.html", context)


@page(READ)
def show_material(request: HttpRequest, actor: Actor, material: UUID) -> HttpResponse:
    """A material with all that come from it."""
    nodes = lineage.tree(actor, material)
    version = nodes[0].version
    near = lineage.near_duplicates(actor, nodes[0].material.language, version.text)
    initial = {name: getattr(version, name) for name in VersionForm.base_fields}
    context = {
        "nodes": nodes,
        "stale": [one for one in nodes[1:] if one.currency is not Currency.CURRENT],
        "edit": EditForm(initial=initial, auto_id="edit_%s"),
        "derive": DerivedForm(auto_id="derive_%s", initial={"licence": version.licence, "owner": version.owner}),
        "near": [one for one in near if one[0] != material],
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/material.html", context)


@action(CURATE)
@about(lineage.exists)
def edit_material(request: HttpRequest, actor: Actor, material: UUID) -> HttpResponseBase:
    """Add a version, which may make descendants stale."""
    form = EditForm(request.POST)
    work = lambda: lineage.edit(actor, material, form.given(), form.cleaned_data["change"])  # noqa: E731
    return by_form(request, redirect("prevention_material", material), form, work, _("The version is saved."))


@action(CURATE)
@about(lineage.exists)
def derive_material(request: HttpRequest, actor: Actor, material: UUID) -> HttpResponseBase:
    """Enter a translation or an adaptation."""
    form = DerivedForm(request.POST)

    def work() -> object:
        said = form.cleaned_data
        return lineage.enter(actor, form.given(), said["language"].lower(), material, said["relation"])

    return by_form(request, redirect("prevention_material", material), form, work, _("The material is entered."))


@action(CURATE)
@about(lineage.exists)
def renew_materials(request: HttpRequest, actor: Actor, material: UUID) -> HttpResponseBase:
    """Renew all stale descendants at once, each with the text that was typed for it."""
    stale = [one for one in lineage.tree(actor, material)[1:] if one.currency is not Currency.CURRENT]
    given = {
        UUID(str(one.material.pk)): _renewed(one.version, request.POST.get(f"text-{one.material.pk}", ""))
        for one in stale
    }
    work = lambda: lineage.renew(actor, material, given)  # noqa: E731
    return by_form(
        request, redirect("prevention_material", material), forms.Form(request.POST), work, _("All are renewed.")
    )


@page(READ, write=CURATE)
def list_campaigns(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Campaigns with their results; a curator plans one."""
    form = CampaignForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = saved(form, lambda: planner.plan(actor, PlanInput(**form.cleaned_data)))
        if made is not None:
            return redirect("prevention_campaigns")
    rows = [(one, CampaignResultForm(auto_id=f"result-{one.pk}_%s")) for one in planner.list_plans(actor)]
    context = {"rows": rows, "form": form, "may_curate": actor.can(CURATE)}
    return render(request, "prevention/desk/campaigns.html", context)


@action(CURATE)
@about(planner.exists)
def add_result(request: HttpRequest, actor: Actor, campaign: UUID) -> HttpResponseBase:
    """Record a result in words that the design allows."""
    form = CampaignResultForm(request.POST)

    def work() -> object:
        said = form.cleaned_data
        return planner.add_result(actor, campaign, said["statement"], form.interval(), said["answered"])

    return by_form(request, redirect("prevention_campaigns"), form, work, _("The result is recorded."))


@page(READ, write=CURATE)
def list_training(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Coverage of training; a curator enters a return."""
    form = TrainingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and saved(form, lambda: _add(actor, form)) is not None:
        return redirect("prevention_training")
    rows = register.lines(actor)
    context = {"rows": rows, "missing": register.missing(rows), "form": form, "may_curate": actor.can(CURATE)}
    return render(request, "prevention/desk/training.html", context)


def _add(actor: Actor, form: TrainingForm) -> bool:
    register.add(actor, ReturnInput(**form.cleaned_data))
    return True


def _renewed(version: object, text: str) -> VersionInput:
    kept = {name: getattr(version, name) for name in VersionInput.__dataclass_fields__}
    return VersionInput(**{**kept, "text": text.strip() or kept["text"]})
