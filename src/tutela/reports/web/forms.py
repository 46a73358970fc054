"""Forms of the Centre's desk."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.casework.exposure.stop import REASONS
from tutela.casework.exposure.terms import MOST_OPENINGS
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
        label=_("Why the report is unfounded"),
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
    reason = forms.CharField(label=_("Evidence for this country"), max_length=250)


class ErroneousForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)
    revoke = forms.BooleanField(
        label=_(
            "Revoke the indicators the report rested on; otherwise they are suspended until the register has decided"
        ),
        required=False,
    )
    spare = forms.BooleanField(
        label=_(
            "Leave the indicators unchanged: the items are listed correctly, and the report was "
            "wrong for another reason"
        ),
        required=False,
    )


EVALUATIONS = [(f"{a}{n}", f"{a}{n}") for a in "ABCX" for n in "1234"]


CODES = [
    ("H1", _("H1: no use in judicial proceedings without permission")),
    ("H2", _("H2: no dissemination without permission")),
    ("H3", _("H3: other restriction, stated in words")),
]


class HandlingForm(forms.Form):
    codes = forms.MultipleChoiceField(
        label=_("Handling codes in addition to H0"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=CODES,
    )
    text = forms.CharField(
        label=_("Restriction for H3"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    certified = forms.ChoiceField(
        label=_("Exact copies of active indicators in the register"), choices=EVALUATIONS, initial="A2"
    )
    confirmed = forms.ChoiceField(label=_("Confirmed by a person at the provider"), choices=EVALUATIONS, initial="B3")
    unconfirmed = forms.ChoiceField(label=_("Not confirmed by a person"), choices=EVALUATIONS, initial="X4")


class HandlingChoiceForm(forms.Form):
    """Codes for one referral. Without `chosen`, they were not shown and the current codes apply."""

    chosen = forms.CharField(widget=forms.HiddenInput, initial="yes", required=False)
    codes = HandlingForm.base_fields["codes"]
    text = HandlingForm.base_fields["text"]
    why = forms.CharField(
        label=_("Reason for codes looser than the policy (leads only)"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class BasisForm(forms.Form):
    act = forms.CharField(
        label=_("Act and article"),
        max_length=300,
        required=False,
        help_text=_(
            "Legal basis on which the Centre may carry sealed files to authorities. Leave this "
            "field empty to end the basis."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("State who decided and where the data-protection assessment is kept."),
    )
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


class TermsForm(forms.Form):
    budget = forms.IntegerField(
        label=_("Recommended limit: reports per day"),
        min_value=1,
        max_value=MOST_OPENINGS,
        help_text=_("A break is suggested from this number on. No report is closed."),
    )
    stop = forms.IntegerField(
        label=_("Daily limit: reports per day"),
        min_value=1,
        max_value=MOST_OPENINGS,
        help_text=_(
            "From this number on, a report opens only with a chosen reason or on the next day. "
            "Urgent reports always open."
        ),
    )
    in_a_row = forms.IntegerField(
        label=_("Reports in a row"),
        min_value=1,
        max_value=MOST_OPENINGS,
        help_text=_("A break is suggested after this many reports without a 15-minute pause."),
    )


class BeyondForm(forms.Form):
    beyond = forms.ChoiceField(
        label=_("Why you open this report today"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why you open this report today.")},
    )
