"""Forms of the Centre's desk."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.exchange.report.unfounded_reasons import CHOSEN, WORDS
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.reports.models import Decision


class AssessmentForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision"),
        widget=forms.RadioSelect,
        choices=[(d.value, d.label) for d in (Decision.FORWARD, Decision.UNFOUNDED, Decision.ASK)],
    )
    code = forms.ChoiceField(
        label=_("Why it is unfounded"),
        required=False,
        choices=[("", _("choose")), *((one.value, _(WORDS[one])) for one in CHOSEN)],
    )
    reason = forms.CharField(
        label=_("In your words"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class CountryForm(forms.Form):
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        choices=[("", "Europol"), *sorted(COUNTRIES.items(), key=lambda pair: str(pair[1]))],
    )
    reason = forms.CharField(label=_("On which evidence"), max_length=250)


class ErroneousForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)
    revoke = forms.BooleanField(
        label=_("Revoke the indicators it rested on; otherwise they are suspended until the register has decided"),
        required=False,
    )
    spare = forms.BooleanField(
        label=_("Leave the indicators alone: the items are what they are listed as, the report was wrong otherwise"),
        required=False,
    )


EVALUATIONS = [(f"{a}{n}", f"{a}{n}") for a in "ABCX" for n in "1234"]


CODES = [
    ("H1", _("H1: no use in judicial proceedings without permission")),
    ("H2", _("H2: no passing on without permission")),
    ("H3", _("H3: another restriction, written out")),
]


class HandlingForm(forms.Form):
    codes = forms.MultipleChoiceField(
        label=_("Handling codes beside H0"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=CODES,
    )
    text = forms.CharField(
        label=_("Restriction of H3"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    certified = forms.ChoiceField(
        label=_("Exact copies of what counts in the register"), choices=EVALUATIONS, initial="A2"
    )
    confirmed = forms.ChoiceField(label=_("Confirmed by a person at the provider"), choices=EVALUATIONS, initial="B3")
    unconfirmed = forms.ChoiceField(label=_("Confirmed by nobody"), choices=EVALUATIONS, initial="X4")


class HandlingChoiceForm(forms.Form):
    """Codes for one referral. `chosen` says that they were shown: without it those that stand are meant."""

    chosen = forms.CharField(widget=forms.HiddenInput, initial="yes", required=False)
    codes = HandlingForm.base_fields["codes"]
    text = HandlingForm.base_fields["text"]
    why = forms.CharField(
        label=_("Why looser than the policy (a lead alone)"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class BasisForm(forms.Form):
    act = forms.CharField(
        label=_("Act and article"),
        max_length=300,
        required=False,
        help_text=_("On which the Centre may carry sealed files to authorities. Empty: it ends."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who decided, and where the data-protection assessment lies."),
    )
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
