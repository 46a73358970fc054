"""Forms of the law's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.law.gate import CHANNELS, SERVICES, TECHNOLOGIES
from tutela.law.models import Status


class GateForm(forms.Form):
    service = forms.ChoiceField(label=_("Service"), choices=[(s, s) for s in SERVICES])
    channel = forms.ChoiceField(label=_("Channel"), choices=[(s, s) for s in CHANNELS])
    technology = forms.ChoiceField(label=_("Technology"), choices=[(s, s) for s in TECHNOLOGIES])
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))


class ReadingForm(forms.Form):
    status = forms.ChoiceField(label=_("What you found"), choices=Status.choices)
    checked = forms.BooleanField(label=_("I read the official text itself"), required=False)
    applies_from = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    applies_to = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note"), required=False, max_length=600, widget=forms.Textarea)
