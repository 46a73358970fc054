"""Forms of breaches: entry and notices."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.redress.data_subjects.breaches import NOTICES, BreachInput
from tutela.redress.models import BreachStepKind, Regime
from tutela.redress.web.forms.fields import WHEN, text_field


class BreachForm(forms.Form):
    """A breach of personal data."""

    regime = forms.ChoiceField(label=_("Act"), choices=Regime.choices)
    known_at = forms.DateTimeField(label=_("Became known"), widget=WHEN)
    persons = forms.IntegerField(label=_("Persons concerned, about"), min_value=0, max_value=2_000_000_000)
    records = forms.IntegerField(label=_("Records concerned, about"), min_value=0, max_value=2_000_000_000)
    high_risk = forms.BooleanField(label=_("High risk for persons"), required=False)
    of_senders = forms.BooleanField(label=_("Data of another authority was concerned"), required=False)
    text = text_field(_("Nature, consequences and measures"))

    def given(self) -> BreachInput:
        """What was entered. Call when the form is valid."""
        return BreachInput(**self.cleaned_data)


class BreachNoticeForm(forms.Form):
    """A notice of a breach."""

    kind = forms.ChoiceField(label=_("Notice"), choices=[(one.value, BreachStepKind(one).label) for one in NOTICES])
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)
    text = text_field(_("Reasons of a delay, or why there is no risk"), required=False)
