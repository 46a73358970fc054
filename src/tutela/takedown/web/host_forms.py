"""Forms of the host's desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.takedown.host_desk.decide import DECISIONS, MOST_CHARACTERS
from tutela.takedown.host_desk.detail import Place
from tutela.takedown.models import HostAction, SenderKind

ACTIONS = [(one.value, HostAction(one).label) for one in DECISIONS]
NOTE = forms.Textarea(attrs={"rows": 3})


class EnteredNoticeForm(forms.Form):
    """A notice that did not come by the API: a file, or addresses."""

    kind = forms.ChoiceField(label=_("Kind of notifier"), choices=SenderKind.choices, initial=SenderKind.INDIVIDUAL)
    name = forms.CharField(label=_("Name of the notifier"), max_length=200, required=False)
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, required=False, help_text=_("Nobody needs to be named.")
    )
    reference = forms.CharField(label=_("Reference of the notifier"), max_length=100, required=False)
    addresses = forms.CharField(
        label=_("Addresses, one a line"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off"}),
        max_length=200_000,
        required=False,
    )
    explanation = forms.CharField(
        label=_("Why it is illegal, as the notifier says"), max_length=5000, required=False, widget=NOTE
    )
    file = forms.FileField(
        label=_("Or: XARF file (.json), ARF message or other e-mail (.eml)"),
        required=False,
        help_text=_(
            "Media in the file is removed unseen. Names in the file count. Another e-mail fills in the addresses."
        ),
    )

    def __init__(self, *args: Any, has_file: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_file = has_file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self._has_file == bool((given.get("addresses") or "").strip()):
            raise forms.ValidationError(_("Enter addresses, or choose a file."))
        if not self._has_file and not (given.get("explanation") or "").strip():
            self.add_error("explanation", _("Enter what the notifier says."))
        return given


class DecisionForm(forms.Form):
    """Decision about all addresses: one field for each, in the notice's order."""

    def __init__(self, places: list[Place], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = {
            self.name(one.number): forms.ChoiceField(
                label=_("Address %(number)s: %(url)s") % {"number": one.number + 1, "url": one.location.url[:100]},
                choices=[("", "—"), *ACTIONS],
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
