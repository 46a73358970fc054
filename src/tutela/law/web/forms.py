"""Forms of the law pages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.law import acts, measures
from tutela.law.classification import choices
from tutela.law.detection_gate import Channel, ServiceKind, Technology
from tutela.law.models import Measure, Status
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
    shipped = forms.ChoiceField(
        label=_("List that comes with Tutela"),
        choices=[
            ("", "—"),
            ("interpol", _("Interpol baseline")),
            ("iwf", _("Categories A to C of the United Kingdom")),
        ],
        required=False,
    )
    file = forms.FileField(
        label=_("Or a file (JSON)"),
        required=False,
        help_text=_("A scheme in the format below, or a taxonomy with a namespace and labels."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("shipped")) == bool(given.get("file")):
            raise forms.ValidationError(_("Choose a list, or a file."))
        return given


class ReadingForm(forms.Form):
    status = forms.ChoiceField(label=_("Status you found"), choices=Status.choices)
    checked = forms.BooleanField(label=_("I read the official text itself"), required=False)
    in_part = forms.BooleanField(label=_("I read only the parts that the note names"), required=False)
    applies_from = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    applies_to = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note"), required=False, max_length=600, widget=forms.Textarea)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class MeasureForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("A short name. With the code of an earlier entry, yours replaces it."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Measure.Kind.choices)
    country = forms.ChoiceField(
        label=_("Country of a national measure"),
        choices=lambda: [("", _("none")), *_named(UNION), *_named(OTHERS)],
        required=False,
    )
    citation = forms.CharField(label=_("Citation"), max_length=300)
    checked = forms.BooleanField(label=_("I read the official text itself"), required=False)
    applies_from = _day(_("First day"))
    applies_to = _day(_("Last day"))


class BasisForm(forms.Form):
    lawyer = forms.CharField(label=_("Lawyer who answers for the text"), max_length=160)
    text = forms.CharField(
        label=_("Legal basis"),
        max_length=2000,
        widget=forms.Textarea,
        help_text=_("The text is public. Name the articles and why they allow this detection."),
    )
    service = forms.ChoiceField(label=_("Service"), choices=ServiceKind.choices)
    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        choices=[(one.value, one.label) for one in (Channel.PUBLIC, Channel.PRIVATE)],
        widget=forms.CheckboxSelectMultiple,
    )
    technologies = forms.MultipleChoiceField(
        label=_("Technologies"), choices=Technology.choices, widget=forms.CheckboxSelectMultiple
    )
    rests_on = forms.ChoiceField(
        label=_("Act or national measure"),
        required=False,
        help_text=_("Always needed for interpersonal communications. It must be checked and apply today."),
    )
    dated = _day(_("Date of the text"))
    expires_on = _day(_("Expires on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [*(one.code for one in acts.states()), *(one.code for one in measures.measures())]
        self.fields["rests_on"].choices = [("", _("none")), *((code, code) for code in codes)]  # type: ignore[attr-defined]
