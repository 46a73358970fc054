"""Forms about partner hotlines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.takedown.partners import partner_list, send_case

KEY = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})
TOKEN = _("API key that the partner issued to you")


class KnownPartnerForm(forms.Form):
    """A hotline of the directory."""

    organisation = forms.UUIDField(label=_("Hotline of the directory"), widget=forms.Select)
    token = forms.CharField(label=TOKEN, max_length=200, required=False, widget=KEY)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(one.id), f"{one.name} ({one.country})") for one in partner_list.candidates(actor)]
        self.fields["organisation"].widget.choices = [("", "—"), *known]


class OtherNodeForm(forms.Form):
    """A hotline on another node that the directory does not have."""

    name = forms.CharField(label=_("Name of the hotline"), max_length=160)
    country = forms.ChoiceField(
        label=_("Country"), choices=[("", "—"), *sorted(COUNTRIES.items(), key=lambda one: str(one[1]))]
    )
    organisation = forms.UUIDField(label=_("Its ID"))
    api_url = forms.CharField(
        label=_("Address of its node"), max_length=200, help_text=_("For example https://tutela.example")
    )
    message_key = forms.CharField(
        label=_("Its public message key"),
        max_length=64,
        help_text=_("64 hex digits. Compare it by telephone before you save."),
    )
    token = forms.CharField(label=TOKEN, max_length=200, required=False, widget=KEY)


class PartnerKeyForm(forms.Form):
    token = forms.CharField(label=TOKEN, max_length=200, widget=KEY)


class TakeBackForm(forms.Form):
    reason = forms.CharField(
        label=_("Why the case goes on here"),
        max_length=send_case.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CaseFileForm(forms.Form):
    sender = forms.CharField(label=_("Hotline that sent the file"), max_length=160)
    # Last, so that everything else is known as it comes.
    file = forms.FileField(
        label=_("File (ICCAM JSON)"), required=False, help_text=_("At most 200 reports, 2,000 addresses and 5 MB.")
    )
