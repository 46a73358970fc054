"""Forms of the curators' desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.casework.public_languages.names import MEMBERS
from tutela.prevention.knowledge import judge
from tutela.prevention.knowledge.programmes import ProgrammeInput
from tutela.prevention.knowledge.studies import ResultInput, StudyInput
from tutela.prevention.models import (
    BiasLevel,
    ChaseKind,
    DesignName,
    MetricName,
    OutcomeName,
    ProgrammeEdition,
    ProgrammeStatus,
    Setting,
    Stage,
    StudyStatus,
    Target,
)

CHECKS = forms.CheckboxSelectMultiple
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _text(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    given = {"max_length": 5000, "required": False, **more}
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **given)


class CodesField(forms.CharField):
    """Codes of two letters, separated by commas or spaces."""

    def __init__(self, *, upper: bool, **more: Any) -> None:
        self.upper = upper
        super().__init__(**more)

    def clean(self, value: Any) -> list[str]:
        words = str(super().clean(value)).replace(",", " ").split()
        if any(len(one) != 2 or not one.isascii() or not one.isalpha() for one in words):
            raise forms.ValidationError(_("Enter codes of two letters, such as “SE DE”."))
        return [one.upper() if self.upper else one.lower() for one in words]


class ProgrammeForm(forms.Form):
    """A programme."""

    name = forms.CharField(label=_("Name"), max_length=200)
    summary = _text(_("Summary"))
    language = CodesField(upper=False, label=_("Language of this entry"), initial="en", max_length=2)
    provider = forms.CharField(label=_("Provider"), max_length=200, required=False)
    stages = forms.MultipleChoiceField(label=_("Stage"), choices=Stage.choices, widget=CHECKS)
    targets = forms.MultipleChoiceField(label=_("For whom"), choices=Target.choices, widget=CHECKS)
    settings = forms.MultipleChoiceField(label=_("Setting"), choices=Setting.choices, widget=CHECKS, required=False)
    countries = CodesField(upper=True, label=_("Countries"), max_length=300, required=False)
    languages = CodesField(upper=False, label=_("Languages"), max_length=300, required=False)
    status = forms.ChoiceField(label=_("State"), choices=ProgrammeStatus.choices)
    status_reason = forms.CharField(label=_("Reason of the state"), max_length=300, required=False)
    mechanism = _text(_("How it is meant to work"))
    staffing = _text(_("Staff and training"))
    cost = _text(_("Cost"))
    transfer = _text(_("Conditions of a transfer"))
    safeguards = _text(_("Safeguards"))
    accreditation = forms.CharField(label=_("Accreditation"), max_length=300, required=False)
    source = forms.CharField(label=_("Source"), max_length=300)
    checked = forms.BooleanField(label=_("I read the sources of all fields"), required=False)

    def given(self) -> ProgrammeInput:
        """What was entered. Call when the form is valid."""
        said = dict(self.cleaned_data)
        return ProgrammeInput(**{**said, "language": (said["language"] or ["en"])[0]})


class StudyForm(forms.Form):
    """A study without its results."""

    title = forms.CharField(label=_("Title"), max_length=400)
    doi = forms.CharField(label=_("DOI"), max_length=220, required=False)
    registration = forms.CharField(label=_("Registration number"), max_length=60, required=False)
    publication = forms.CharField(label=_("Official publication without a number"), max_length=300, required=False)
    authors = forms.CharField(label=_("Authors, separated by semicolons"), max_length=2000, required=False)
    journal = forms.CharField(label=_("Journal"), max_length=200, required=False)
    abstract = _text(_("Abstract"), max_length=10_000)
    year = forms.IntegerField(label=_("Year"), min_value=1900, max_value=2100, required=False)
    published = forms.DateField(label=_("Published on"), widget=DAY, required=False)
    completed = forms.DateField(label=_("Completed on"), widget=DAY, required=False)
    design = forms.ChoiceField(label=_("Design"), choices=DesignName.choices)
    status = forms.ChoiceField(label=_("State"), choices=StudyStatus.choices)
    population = forms.CharField(label=_("Population"), max_length=300, required=False)
    countries = CodesField(upper=True, label=_("Countries"), max_length=300, required=False)
    comparator = forms.CharField(label=_("Compared with"), max_length=200, required=False)
    treated = forms.IntegerField(label=_("Participants with the programme"), min_value=0, required=False)
    compared = forms.IntegerField(label=_("Participants of the comparison"), min_value=0, required=False)
    attrition_percent = forms.FloatField(label=_("Attrition (%)"), min_value=0, max_value=100, required=False)
    follow_up_months = forms.FloatField(label=_("Follow-up (months)"), min_value=0, required=False)
    team = forms.CharField(label=_("Team of the evaluation"), max_length=120, required=False)
    cohort = forms.CharField(label=_("Data set, if other studies use it too"), max_length=120, required=False)
    registered_before = forms.BooleanField(label=_("Registered before it began"), required=False)
    harms_looked_for = forms.BooleanField(label=_("Harms were looked for"), required=False)
    harms = _text(_("Harms that were found"))
    funding = forms.CharField(label=_("Funding"), max_length=300, required=False)
    conflicts = forms.CharField(label=_("Conflicts of interest"), max_length=300, required=False)
    source = forms.CharField(label=_("Source"), max_length=300)
    checked = forms.BooleanField(label=_("I read the full text"), required=False)

    def given(self, results: tuple[ResultInput, ...] = (), programmes: tuple[UUID, ...] = ()) -> StudyInput:
        """What was entered, with the results that the study has. Call when the form is valid."""
        said = dict(self.cleaned_data)
        said["authors"] = [one.strip()[:120] for one in said["authors"].split(";") if one.strip()]
        return StudyInput(**said, results=results, programmes=programmes)


class ResultForm(forms.Form):
    """One result of a study."""

    programme = forms.ChoiceField(label=_("Programme"))
    kind = forms.ChoiceField(label=_("Kind of outcome"), choices=OutcomeName.choices)
    outcome = forms.CharField(label=_("Outcome"), max_length=160)
    target = forms.ChoiceField(label=_("For whom"), choices=Target.choices)
    setting = forms.ChoiceField(label=_("Setting"), choices=Setting.choices)
    metric = forms.ChoiceField(label=_("Measure"), choices=[("", "—"), *MetricName.choices], required=False)
    estimate = forms.FloatField(label=_("Estimate"), required=False)
    low = forms.FloatField(label=_("Lower end of the 95 % interval"), required=False)
    high = forms.FloatField(label=_("Upper end of the 95 % interval"), required=False)
    lower_is_better = forms.BooleanField(label=_("A lower value is better"), required=False, initial=True)
    relevant = forms.FloatField(
        label=_("Smallest relevant difference"), required=False, help_text=_("For mean differences only.")
    )
    treated_share = forms.FloatField(
        label=_("Share with the outcome, treated (0 to 1)"), min_value=0, max_value=1, required=False
    )
    base_rate = forms.FloatField(
        label=_("Share with the outcome, comparison (0 to 1)"), min_value=0, max_value=1, required=False
    )

    def __init__(self, programmes: list[ProgrammeEdition], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["programme"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.programme_id), one.name) for one in programmes]

    def given(self) -> ResultInput:
        """What was entered. Call when the form is valid."""
        return ResultInput(**{**self.cleaned_data, "programme": UUID(self.cleaned_data["programme"])})


class JudgementForm(forms.Form):
    """A curator's judgement of the risk of bias, by domain."""

    reason = _text(_("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in judge.DOMAINS.items():
            self.fields[name] = forms.ChoiceField(label=label, choices=BiasLevel.choices)
        self.order_fields([*judge.DOMAINS, "reason"])

    def domains(self) -> dict[str, str]:
        """Level by domain. Call when the form is valid."""
        return {name: self.cleaned_data[name] for name in judge.DOMAINS}


class InterestForm(forms.Form):
    """A curator's own conflict of interest with a study."""

    text = forms.CharField(label=_("Your conflict of interest"), max_length=300)


class SurvivorReviewForm(forms.Form):
    """A survivors' review of a programme."""

    people = forms.IntegerField(label=_("Survivors who took part"), min_value=1, max_value=1000)
    text = _text(_("Statements, without names"), required=True)
    changed = _text(_("What changed"))
    held_on = forms.DateField(label=_("Held on"), widget=DAY)


class ChaseForm(forms.Form):
    """A step towards overdue results."""

    kind = forms.ChoiceField(label=_("What happened"), choices=ChaseKind.choices)
    text = _text(_("Note"), 2)


class CoverageForm(forms.Form):
    """A country's answer that it has no programme."""

    country = forms.ChoiceField(label=_("Country"), choices=[(one, one) for one in MEMBERS])
    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices)
    target = forms.ChoiceField(label=_("For whom"), choices=Target.choices)
    source = forms.CharField(label=_("Who answered"), max_length=300)
    answered_on = forms.DateField(label=_("Answered on"), widget=DAY)


class ImportForm(forms.Form):
    """A file of another format, pasted as text."""

    kind = forms.ChoiceField(
        label=_("Format"),
        choices=[("doi", _("DOI metadata (JSON)")), ("ris", _("RIS")), ("bib", _("BibTeX")), ("jats", _("JATS (XML)"))],
    )
    text = forms.CharField(label=_("Contents"), max_length=2_000_000, widget=forms.Textarea(attrs={"rows": 12}))
