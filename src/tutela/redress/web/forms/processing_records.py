"""Forms of records of processing, and of the hand-over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.organisations.people import directory
from tutela.redress.data_subjects.processing_records import RecordInput
from tutela.redress.models import Regime
from tutela.redress.web.forms.fields import DAY, text_field


class ProcessingRecordForm(forms.Form):
    """A record of processing activities."""

    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("A record with a known code is its newer version.")
    )
    regime = forms.ChoiceField(label=_("Act"), choices=Regime.choices)
    purpose = forms.CharField(label=_("Purpose"), max_length=300)
    persons = forms.CharField(label=_("Categories of persons"), max_length=300)
    categories = forms.CharField(label=_("Categories of data"), max_length=300)
    recipients = forms.CharField(label=_("Recipients"), max_length=300)
    transfers = forms.CharField(label=_("Transfers to third countries"), max_length=300, required=False)
    erasure = forms.CharField(label=_("Time limits of erasure"), max_length=300)
    security = forms.CharField(label=_("Security measures"), max_length=300)
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=300, required=False)
    profiling = forms.BooleanField(label=_("Profiling"), required=False)

    def given(self) -> RecordInput:
        """What was entered. Call when the form is valid."""
        return RecordInput(**self.cleaned_data)


class HandOverForm(forms.Form):
    """An organisation closes."""

    closes_on = forms.DateField(label=_("Closes on"), widget=DAY)
    successor = forms.ChoiceField(label=_("Successor"), required=False)
    text = text_field(_("Plan for the data"))

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [one for one in directory.list_organisations() if one.verified and one.id != actor.organisation_id]
        field = self.fields["successor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *((str(one.id), one.name) for one in others)]
        self.initial.setdefault("closes_on", clock.now().date())
