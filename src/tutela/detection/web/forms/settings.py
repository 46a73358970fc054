"""Forms of the desk's settings."""

from __future__ import annotations

import zoneinfo

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.detection.models.settings import Mode, ReviewRule
from tutela.detection.settings.services import MOST, USUAL_BUDGET, USUAL_STOP
from tutela.law.detection_gate import Channel, ServiceKind, Technology
from tutela.organisations.web.forms import LanguageCodesField


class TermsForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=ServiceKind.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    technology = forms.ChoiceField(label=_("Technology"), choices=Technology.choices)
    mode = forms.ChoiceField(
        label=_("Mode"),
        choices=Mode.choices,
        initial="shadow",
        help_text=_("Start in shadow mode and check the counts."),
    )
    review_rule = forms.ChoiceField(label=_("Reviewed by"), choices=ReviewRule.choices)
    exposure_budget = forms.IntegerField(
        label=_("Recommended limit: items a person opens per day before a break is suggested"),
        min_value=1,
        max_value=MOST,
        initial=USUAL_BUDGET,
    )
    exposure_stop = forms.IntegerField(
        label=_("Daily limit: items per day, after which no more can be opened"),
        min_value=1,
        max_value=MOST,
        initial=USUAL_STOP,
    )
    media_link = forms.CharField(
        label=_("Address of an item in your own storage"),
        max_length=500,
        required=False,
        help_text=_(
            "The address must be under your registered media origin and contain {item} once. "
            "Leave this field empty to review in your own tool."
        ),
    )


class ServiceForm(TermsForm):
    name = forms.CharField(label=_("Name"), max_length=160, help_text=_("Enter the name that your Edge sends."))
    field_order = ("name",)


class IdentityForm(forms.Form):
    contact_point = forms.CharField(label=_("Contact point"), max_length=300)
    contact = forms.CharField(label=_("Contact information"), max_length=1000)
    representative = forms.CharField(label=_("Legal representative"), max_length=300, required=False)
    representative_contact = forms.CharField(
        label=_("Contact information of the representative"), max_length=1000, required=False
    )
    signatory = forms.CharField(label=_("Signed by"), max_length=300, help_text=_("Enter a role, not a name."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=[(z, z) for z in ("UTC", *sorted(zoneinfo.available_timezones())) if z]
    )


class SourceForm(forms.Form):
    list_id = forms.CharField(label=_("List"), max_length=300)
    holder = forms.CharField(label=_("Holder of the list"), max_length=200)
    entitlement = forms.CharField(label=_("Entitlement to use the list"), max_length=300)


class TokenForm(forms.Form):
    token = forms.CharField(
        label=_("Key that the Centre issued"),
        max_length=300,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False),
    )


class AuthorityForm(forms.Form):
    country = forms.CharField(label=_("Country"), max_length=2, help_text=_("Two letters, or EU for Europol"))
    name = forms.CharField(label=_("Authority"), max_length=200)
    address = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("Enter the address where the authority receives notifications.")
    )
    languages = LanguageCodesField()
    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    source = forms.CharField(label=_("Source of this information"), max_length=300)
    checked_on = forms.DateField(
        label=_("Checked on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave this field empty if nobody has checked the address yet."),
    )

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class DispatchForm(forms.Form):
    authority = forms.UUIDField(widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    sent_at = forms.DateTimeField(
        label=_("Delivered at (in your time zone)"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    reference = forms.CharField(label=_("The authority's reference"), max_length=200, required=False)
