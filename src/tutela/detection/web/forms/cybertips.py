"""Form of an account at a CyberTipline interface."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.detection.cybertipline.accounts import MOST_GRACE
from tutela.detection.models import TipEndpoint

USUAL_GRACE = 15


class EndpointForm(forms.Form):
    base = forms.CharField(
        label=_("Address"),
        max_length=500,
        required=False,
        help_text=_(
            "Enter the interface address that the recipient gave you. Leave this field empty to send nothing there."
        ),
    )
    username = forms.CharField(label=_("User name"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Password"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False),
        help_text=_("Leave this field empty to keep the current password."),
    )
    email = forms.EmailField(
        label=_("E-mail for questions"), max_length=255, help_text=_("This address appears in every report.")
    )
    with_files = forms.BooleanField(
        label=_("Send the item itself"),
        required=False,
        help_text=_(
            "The item is sent from your storage in parts and stored nowhere. Otherwise only its digests are sent."
        ),
    )
    grace_minutes = forms.IntegerField(
        label=_("Minutes in which a report can be withdrawn"),
        min_value=0,
        max_value=MOST_GRACE,
        initial=USUAL_GRACE,
        help_text=_("A filed report can be withdrawn only by asking the recipient."),
    )


def initial(row: TipEndpoint | None) -> dict[str, Any]:
    """Stored values without the password."""
    if row is None:
        return {}
    return {name: getattr(row, name) for name in ("base", "username", "email", "with_files", "grace_minutes")}
