"""Forms of the law pages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.law.classification import choices
from tutela.law.detection_gate import Channel, ServiceKind, Technology
from tutela.law.models import Status
from tutela.organisations.vocabulary.countries import OTHERS, UNION


class GateForm(forms.Form):
    service = forms.ChoiceField(label=_("Service"), choices=ServiceKind.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    technology = forms.ChoiceField(label=_("Technology"), choices=Technology.choices)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))


def _named(countries: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(countries.items(), key=lambda pair: str(pair[1]))


class WhereForm(forms.Form):
    value = forms.ChoiceField(label=_("Depicted content"))
    country = forms.ChoiceField(label=_("Country"), choices=lambda: [*_named(UNION), *_named(OTHERS)])
    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].choices = [(c.code, c.label) for c in choices()]  # type: ignore[attr-defined]


class SchemeForm(forms.Form):
    file = forms.FileField(
        label=_("Scheme (JSON)"),
        help_text=_("Code, title, version, source, and values with their label and where they are illegal."),
    )


class ReadingForm(forms.Form):
    status = forms.ChoiceField(label=_("Status you found"), choices=Status.choices)
    checked = forms.BooleanField(label=_("I read the official text itself"), required=False)
    applies_from = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    applies_to = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note"), required=False, max_length=600, widget=forms.Textarea)
