"""Forms of the organisation's pages: parse input and report errors; rules are in the capabilities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from tutela.organisations.vocabulary import time_zones
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.organisations.vocabulary.roles_and_permissions import SCOPE_LABELS, Kind, Role, roles_of


class LanguageCodesField(forms.CharField):
    """Two-letter codes, separated by commas, as a list."""

    def __init__(self) -> None:
        super().__init__(label=_("Languages"), help_text=_("Two-letter codes, separated by commas: de, en"))

    def clean(self, value: Any) -> list[str]:
        codes = [one.strip().lower() for one in super().clean(value).split(",") if one.strip()]
        if not codes or any(len(one) != 2 or not one.isalpha() for one in codes):
            raise forms.ValidationError(_("Enter two-letter codes separated by commas, such as: de, en"))
        return codes


class InvitationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=160)
    email = forms.EmailField(label=_("E-mail"))
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = [(r, Role(r).label) for r in roles_of(kind)]  # type: ignore[attr-defined]


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. A sentence is easy to remember and hard to guess."),
    )
    repeat = forms.CharField(
        label=_("Repeat password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("password") and self.cleaned_data["password"] != self.data.get("repeat"):
            self.add_error("repeat", _("The two passwords differ."))


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Enter where the key is used, such as “Edge, hall 2”.")
    )
    scopes = forms.MultipleChoiceField(label=_("Permissions"), widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(label=_("Validity in days"), min_value=1, max_value=730, initial=365)

    def __init__(self, offered: Iterable[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope, SCOPE_LABELS[scope]) for scope in offered]  # type: ignore[attr-defined]


class AddressesForm(forms.Form):
    api_url = forms.CharField(
        label=_("API address"),
        required=False,
        max_length=200,
        help_text=_("Address where other nodes deliver messages to you, such as https://desk.example"),
    )
    media_origin = forms.CharField(
        label=_("Origin of your own media"),
        required=False,
        max_length=200,
        help_text=_(
            "Address where your own storage shows a picture to your reviewers. The page admits no other origin."
        ),
    )

    reason = forms.CharField(
        label=_("Reason for changing the API address"),
        required=False,
        max_length=200,
        help_text=_("Messages to you go to this address, so a second person of your organisation must approve."),
    )


class ApiAddressForm(forms.Form):
    api_url = forms.CharField(label=_("API address"), required=False, max_length=200)


class RecipientForm(forms.Form):
    recipient = forms.CharField(
        label=_("age recipient"),
        max_length=100,
        help_text=_(
            "Enter the line age1… that `tutela unseal --new-key FILE` printed. Never enter the secret key itself."
        ),
    )

    def clean_recipient(self) -> str:
        text = str(self.cleaned_data["recipient"])
        if "AGE-SECRET-KEY-" in text.upper():
            self.data = {**self.data, "recipient": ""}  # not shown again
            raise forms.ValidationError(
                _(
                    "This is the secret key. Keep it to yourself. Create a new key, because this one has "
                    "now left your machine."
                )
            )
        return text


BY_COUNTRY = sorted(COUNTRIES.items(), key=lambda c: str(c[1]))


class OrganisationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    country = forms.ChoiceField(label=_("Country"), choices=BY_COUNTRY)
    api_url = forms.URLField(label=_("API address"), required=False, assume_scheme="https")


class StatusForm(forms.Form):
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[
            ("", _("Choose a status")),
            ("verified", _("Verified")),
            ("suspended", _("Suspended")),
            ("unverified", _("Unverified")),
        ],
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Describe what was checked, and how."))


class ContactForm(forms.Form):
    purpose = forms.CharField(label=_("For"), max_length=80, initial=_("Reports and orders"))
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    languages = LanguageCodesField()


class AddressForm(forms.Form):
    email = forms.EmailField(label=_("New e-mail address"), help_text=_("A code is sent to this address."))


class AddressCodeForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=20, help_text=_("The code was sent to the new address."))


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=160)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[("", _("Time zone of this node")), *((name, name) for name in time_zones.NAMES)],
        required=False,
    )
