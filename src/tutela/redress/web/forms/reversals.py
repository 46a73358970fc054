"""Forms of reversals: answers of people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.redress.models import CostKind, HopState, KeptReason
from tutela.redress.reversals.accept import OwnAnswer

BECAUSE = [("", "—"), *KeptReason.choices]
STATES = (
    (HopState.CORRECTED, _("corrected")),
    (HopState.ERASED, _("erased")),
    (HopState.KEPT, _("kept, with a reason")),
)


class OwnAnswerForm(forms.Form):
    """What happened to what is here."""

    state = forms.ChoiceField(label=_("Answer"), choices=STATES, widget=forms.RadioSelect)
    because = forms.ChoiceField(label=_("Why it is kept"), choices=BECAUSE, required=False)
    consequences = forms.MultipleChoiceField(
        label=_("Cost of the error"),
        choices=CostKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == "provider":
            # Only authorities know of these.
            del self.fields["consequences"]

    def given(self) -> OwnAnswer:
        """What was entered. Call when the form is valid."""
        said = self.cleaned_data
        return OwnAnswer(said["state"], said["because"], tuple(said.get("consequences", ())))


class AcceptForm(forms.Form):
    """The Centre accepts a reversal."""

    spare = forms.BooleanField(
        label=_("Leave the entries unchanged"),
        required=False,
        help_text=_(
            "The items are listed correctly. The report was wrong about something else. The provider's own stop ends."
        ),
    )


class KeepForm(forms.Form):
    """Why nothing is corrected."""

    because = forms.ChoiceField(label=_("Why it is kept"), choices=BECAUSE)
