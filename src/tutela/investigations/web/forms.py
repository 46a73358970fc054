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
    ("centre_only", _("The Centre only")),
    ("provider", _("The provider too")),
    ("statistics", _("Statistics too")),
]


class OnceForm(forms.Form):
    """A form that counts once, however often it is sent."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)


class AcknowledgementForm(forms.Form):
    file_reference = forms.CharField(label=_("Our file reference"), max_length=300, required=False)
    has_files = forms.BooleanField(label=_("We have the sealed files. The Centre may delete them"), required=False)

    def __init__(self, *args: Any, files: int = 1, **kwargs: Any) -> None:
        """`files`: how many the package names."""
        super().__init__(*args, **kwargs)
        if not files:
            del self.fields["has_files"]


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason why this referral is not yours"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    country = forms.ChoiceField(
        label=_("Country that may be responsible"),
        required=False,
        choices=[("", _("not known: Europol")), *sorted(COUNTRIES.items(), key=lambda pair: str(pair[1]))],
    )


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    level = forms.ChoiceField(
        label=_("Level"), choices=[("national", _("national")), ("regional", _("regional")), ("local", _("local"))]
    )
    parent = forms.TypedChoiceField(label=_("Parent team"), required=False, coerce=UUID, empty_value=None)

    def __init__(self, above: Iterable[Any], *args: Any, **kwargs: Any) -> None:
        """`above`: the teams that another may stand below."""
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [("", "—"), *((str(t.pk), t.name) for t in above)]  # type: ignore[attr-defined]


class OutcomeForm(OnceForm):
    kind = forms.ChoiceField(label=_("Outcome of the referral"), choices=OUTCOMES)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    children = forms.CharField(
        label=_("Safeguarded children (your own references)"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Enter one reference per line. Use the same reference for the same child in every "
            "referral. Never enter a name. Only a pseudonym of the reference is sent, so that "
            "each child is counted once."
        ),
    )
    release = forms.ChoiceField(
        label=_("Release level"),
        choices=LEVELS,
        help_text=_("A provider learns at most that the referral is closed, when no hold is active."),
    )


class HoldForm(OnceForm):
    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = forms.DateTimeField(
        label=_("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("At most 18 months from your first request."),
    )
    keep_content = forms.BooleanField(
        label=_("The content is also not removed before then"),
        required=False,
        help_text=_("The content stays where others may see it. Request this only if a removal would warn somebody."),
    )
