"""Forms to record a reinstatement and to undo a wrong record."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.detection.models.reinstatements import GivenBack
from tutela.detection.notices.reinstatement import MOST_REASON_CHARACTERS


class GivenBackForm(forms.Form):
    kind = forms.ChoiceField(label=_("Outcome for the user"), widget=forms.RadioSelect, choices=GivenBack.choices)
    words = forms.CharField(
        label=_("In your words"),
        max_length=MOST_REASON_CHARACTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("State what was undone, and where. Required if a measure stays."),
    )


class TakeBackForm(forms.Form):
    words = forms.CharField(
        label=_("Explanation of the error"), max_length=MOST_REASON_CHARACTERS, widget=forms.Textarea(attrs={"rows": 2})
    )
