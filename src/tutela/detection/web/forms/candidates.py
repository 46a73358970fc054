"""Forms for candidates and for a report opened by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from tutela.detection.models.candidates import Reason
from tutela.exchange.report.dangers import WORDS

KINDS = [("known", _("Known material")), ("new", _("New material")), ("solicitation", _("Solicitation"))]
AWARENESS = [
    ("user_flag", _("Flagged by a user")),
    ("own_motion", _("Own motion")),
    ("hotline", _("Hotline or trusted flagger")),
    ("public_authority", _("Public authority")),
    ("detection_order", _("Detection order")),
    ("other", _("Other")),
]

DANGERS = [(one.value, gettext_lazy(text)) for one, text in WORDS.items()]


# The reviewer states one of three: the picture was shown on the page; it is in the provider's own tool, because no
# storage is set up; or it could not be obtained.
PICTURE = ("shown", "own_tool", "unobtainable")


class ReviewForm(forms.Form):
    decision = forms.ChoiceField(choices=[("confirm", _("Confirm")), ("reject", _("Reject"))])
    reason_code = forms.ChoiceField(label=_("Reason"), choices=Reason.choices)
    reason = forms.CharField(label=_("In your words"), max_length=300, required=False)
    how = forms.ChoiceField(choices=[("viewed", _("viewed")), ("unopened", _("unopened"))])
    picture = forms.ChoiceField(choices=[(one, one) for one in PICTURE], required=False)

    @property
    def unseen(self) -> bool:
        """Return whether the missing statement about the picture is the only error."""
        return list(self.errors) == ["picture"]

    def clean_picture(self) -> str:
        """Require a decision on an opened item to state whether the page showed the picture."""
        said = str(self.cleaned_data["picture"])
        if self.cleaned_data.get("how") == "viewed" and not said:
            raise forms.ValidationError(_("Look at the picture first, or state that it cannot be obtained."))
        return said


class ManualForm(forms.Form):
    service_id = forms.TypedChoiceField(label=_("Service"))
    kind = forms.ChoiceField(label=_("Kind of content"), choices=KINDS)
    awareness = forms.ChoiceField(label=_("How you learned of the content"), choices=AWARENESS)
    awareness_details = forms.CharField(label=_("Details"), max_length=1000, required=False)
    reference = forms.CharField(
        label=_("Location of the item"),
        max_length=300,
        required=False,
        help_text=_("Your own reference. An authority can use it to ask for the preserved item."),
    )
    sha256 = forms.CharField(
        label="SHA-256",
        max_length=64,
        required=False,
        help_text=_("Compute the digest where the item is stored: tutela hash FILE. Not needed for solicitation."),
    )
    media_type = forms.CharField(label=_("Media type"), max_length=100, required=False, initial="image/jpeg")
    size = forms.IntegerField(label=_("Size in bytes"), min_value=0, required=False, initial=0)
    account = forms.CharField(label=_("Account"), max_length=300, required=False)
    urgency = forms.CharField(
        label=_("Reason for urgency"),
        max_length=1000,
        required=False,
        help_text=_("Leave this field empty unless life or safety is at risk now. In that case, also call the police."),
    )
    dangers = forms.MultipleChoiceField(
        label=_("Current dangers to a child"),
        choices=DANGERS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "Your selection decides how soon someone reviews the report. Leave out anything that you only suppose."
        ),
    )
    confirmed = forms.BooleanField(
        label=_("I have seen the item myself and confirm that it must be reported"), required=False
    )

    def __init__(self, services: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service_id"].choices = services  # type: ignore[attr-defined]

    def clean_size(self) -> int:
        return int(self.cleaned_data["size"] or 0)
