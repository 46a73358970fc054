"""Forms of the authority's desk."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

OUTCOMES = [
    ("taken_up", _("Taken up")), ("no_action", _("No action")), ("person_identified", _("Person identified")),
    ("victim_identified", _("Victim identified and safeguarded")), ("charged", _("Charged")),
    ("convicted", _("Convicted")), ("closed", _("Closed")),
]  # fmt: skip
LEVELS = [
    ("centre_only", _("The Centre alone")),
    ("provider", _("The provider too")),
    ("statistics", _("Statistics too")),
]


class OnceForm(forms.Form):
    """A form that counts once, however often it is sent."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)


class AcknowledgementForm(forms.Form):
    file_reference = forms.CharField(label=_("Our file reference"), max_length=300, required=False)


class OutcomeForm(OnceForm):
    kind = forms.ChoiceField(label=_("What became of it"), choices=OUTCOMES)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    children = forms.CharField(
        label=_("Safeguarded children, by your own references"), required=False, max_length=6000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "One a line, the same for the same child in every referral; never a name. A pseudonym of it leaves, so that"
            " each child is counted once."
        ),
    )  # fmt: skip
    release = forms.ChoiceField(label=_("Who may learn it"), choices=LEVELS)


class HoldForm(OnceForm):
    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = forms.DateTimeField(label=_("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
