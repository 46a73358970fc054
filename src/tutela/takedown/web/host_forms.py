"""Forms of the host's desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.takedown.host_desk.decide import DECISIONS, MOST_CHARACTERS
from tutela.takedown.host_desk.detail import Place
from tutela.takedown.models import HostAction

ACTIONS = [(one.value, HostAction(one).label) for one in DECISIONS]
NOTE = forms.Textarea(attrs={"rows": 3})


class DecisionForm(forms.Form):
    """Decision about all addresses: one field for each, in the notice's order."""

    def __init__(self, places: list[Place], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = {
            self.name(one.number): forms.ChoiceField(
                label=_("Address %(number)s") % {"number": one.number + 1}, choices=[("", "—"), *ACTIONS]
            )
            for one in places
        }
        rest = {
            "reason": forms.CharField(
                label=_("Reason"),
                max_length=MOST_CHARACTERS,
                required=False,
                widget=NOTE,
                help_text=_("Required if content is not removed. The notifier reads it."),
            ),
            "redress": forms.CharField(
                label=_("Redress"),
                max_length=MOST_CHARACTERS,
                widget=NOTE,
                help_text=_("How the notifier can contest the decision (DSA Art. 16(5))."),
            ),
            "automated": forms.BooleanField(label=_("Automated means were used (DSA Art. 16(6))"), required=False),
        }
        self.fields = {**first, **rest}

    @staticmethod
    def name(place: int) -> str:
        """The field of an address."""
        return f"action_{place}"

    def actions(self) -> tuple[str, ...]:
        """The chosen actions, in the notice's order."""
        return tuple(one for name, one in self.cleaned_data.items() if name.startswith("action_"))


class RestoreForm(forms.Form):
    places = forms.TypedMultipleChoiceField(
        label=_("Addresses to restore"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=_("Reason"), max_length=MOST_CHARACTERS, widget=NOTE)

    def __init__(self, places: list[Place], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.number, _("Address %(number)s") % {"number": one.number + 1}) for one in places]
        self.fields["places"].choices = known  # type: ignore[attr-defined]


class FlaggerForm(forms.Form):
    trusted = forms.BooleanField(label=_("Trusted flagger (DSA Art. 22)"), required=False)
    source = forms.CharField(
        label=_("Awarded by, or reason"),
        max_length=300,
        help_text=_("Check the list of the European Commission before you record the status."),
    )
