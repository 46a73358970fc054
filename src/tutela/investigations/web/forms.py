"""Forms of the authority's desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.organisations.vocabulary.countries import COUNTRIES

OUTCOMES = [
    ("taken_up", _("Taken up")),
    ("no_action", _("No action")),
    ("person_identified", _("Person identified")),
    ("victim_identified", _("Victim identified and safeguarded")),
    ("charged", _("Charged")),
    ("convicted", _("Convicted")),
    ("closed", _("Closed")),
]
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
    has_files = forms.BooleanField(label=_("We have the sealed files: the Centre may delete them"), required=False)

    def __init__(self, *args: Any, files: int = 1, **kwargs: Any) -> None:
        """`files`: how many the package names."""
        super().__init__(*args, **kwargs)
        if not files:
            del self.fields["has_files"]


class ReturnForm(forms.Form):
    reason = forms.CharField(label=_("Why it is not yours"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    country = forms.ChoiceField(
        label=_("Whose it may be"),
        required=False,
        choices=[("", _("not known: Europol")), *sorted(COUNTRIES.items(), key=lambda pair: str(pair[1]))],
    )


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    level = forms.ChoiceField(
        label=_("Level"), choices=[("national", _("national")), ("regional", _("regional")), ("local", _("local"))]
    )
    parent = forms.TypedChoiceField(label=_("Below"), required=False, coerce=UUID, empty_value=None)

    def __init__(self, above: Iterable[Any], *args: Any, **kwargs: Any) -> None:
        """`above`: the teams that another may stand below."""
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [("", "—"), *((str(t.pk), t.name) for t in above)]  # type: ignore[attr-defined]


class OutcomeForm(OnceForm):
    kind = forms.ChoiceField(label=_("What became of it"), choices=OUTCOMES)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    children = forms.CharField(
        label=_("Safeguarded children, by your own references"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "One a line, the same for the same child in every referral; never a name. A pseudonym of it leaves, so that"
            " each child is counted once."
        ),
    )
    release = forms.ChoiceField(
        label=_("Who may learn it"),
        choices=LEVELS,
        help_text=_("A provider learns at most that it is closed, once no hold stands."),
    )


class HoldForm(OnceForm):
    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = forms.DateTimeField(
        label=_("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("At most eighteen months from the first time that you asked."),
    )
    keep_content = forms.BooleanField(
        label=_("The content is not removed before then either"),
        required=False,
        help_text=_("It stays where others may see it. Ask only where a removal would warn somebody."),
    )
