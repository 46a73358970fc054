"""Forms of a draft: sections, accounts, places, children, and conversion to the report's JSON."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from tutela.detection.web.forms.candidates import AWARENESS, DANGERS
from tutela.exchange.report.age_and_gender import AGE_WORDS, GENDER_WORDS
from tutela.exchange.report.circulation import WORDS
from tutela.organisations.vocabulary.countries import EVERY

MOMENT = "%Y-%m-%dT%H:%M:%S"
LISTS = ("usernames", "emails", "phones", "identifiers", "profile_urls")
SPREADING = [(one.value, _(text)) for one, text in WORDS.items()]
TEXTS = ("mailing_address", "residence", "account_country", "language", "age_group", "gender", "other")
AGES = [("", _("not stated")), *((one.value, _(text)) for one, text in AGE_WORDS.items())]
GENDERS = [("", _("not stated")), *((one.value, _(text)) for one, text in GENDER_WORDS.items())]


def _lines(label: Any, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, widget=area, required=False, help_text=help_text, max_length=10_000)


class CountryField(forms.CharField):
    """The two letters of a country that there is."""

    def clean(self, value: Any) -> str:
        code = str(super().clean(value)).upper()
        if code and code not in EVERY:
            raise forms.ValidationError(_("Enter the two letters of a country, such as DE."))
        return code


def _country(label: Any, help_text: Any) -> CountryField:
    return CountryField(label=label, required=False, max_length=2, help_text=help_text)


def _moment(label: Any, *, required: bool = False) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format=MOMENT)
    return forms.DateTimeField(label=label, widget=widget, required=required)


class PersonForm(forms.Form):
    """An account, or a child who appears to be a victim. One entry a line."""

    usernames = _lines(_("User names"))
    emails = _lines(_("E-mail addresses"))
    phones = _lines(_("Phone numbers"))
    identifiers = _lines(_("Account numbers"))
    profile_urls = _lines(_("Profile addresses"))
    mailing_address = forms.CharField(label=_("Postal address"), required=False, max_length=1000)
    residence = _country(
        _("Stated country of residence"),
        _("Two letters, such as DE. The Centre uses this and other evidence to find the responsible country."),
    )
    account_country = _country(_("Country of the account"), _("Two letters: the country set in the account"))
    language = forms.CharField(
        label=_("Language"),
        required=False,
        max_length=35,
        help_text=_("Language in which the account is set or used, such as de; leave empty if not known"),
    )
    age_group = forms.ChoiceField(
        label=_("Stated age"),
        choices=AGES,
        required=False,
        help_text=_(
            "Stated by this person or by someone who knows, never guessed. No score uses this "
            "value; published rates do."
        ),
    )
    gender = forms.ChoiceField(label=_("Stated gender"), choices=GENDERS, required=False)
    other = forms.CharField(label=_("Other details"), required=False, max_length=2000)

    def clean(self) -> None:
        super().clean()
        said, data = {"age_group", "gender"}, self.cleaned_data
        if any(map(data.get, said)) and not self.errors and not any(map(data.get, {*self.fields} - said)):
            self.add_error("age_group", _("Enter details that distinguish this person, or leave age and gender empty."))

    def clean_language(self) -> str:
        base, *rest = str(self.cleaned_data["language"]).split("-")
        return "-".join([base.lower(), *rest])


class LocationForm(forms.Form):
    ip = forms.GenericIPAddressField(label=_("IP address"), required=False)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, required=False)
    at = _moment(_("Time (in your time zone)"))

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("ip") and not data.get("at") and "at" not in self.errors:
            self.add_error("at", _("Enter the time for this IP address."))
        if not data.get("ip") and (data.get("port") or data.get("at")) and "ip" not in self.errors:
            self.add_error("ip", _("Enter the IP address, or clear the line."))


class SectionsForm(forms.Form):
    """The single sections."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    urgent = forms.BooleanField(label=_("Requires urgent action"), required=False)
    urgency_reason = forms.CharField(label=_("Reason for the urgent action"), required=False, max_length=1000)
    dangers = forms.MultipleChoiceField(
        label=_("Current dangers to a child"),
        choices=DANGERS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "Your selection decides how soon someone reviews the report. Leave out anything that you only suppose."
        ),
    )
    spread = forms.MultipleChoiceField(
        label=_("Circulation of the items"),
        choices=SPREADING,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("State only what your own records or reviewers show. Circulation makes nothing lawful."),
    )
    series = forms.CharField(
        label=_("Series of the items"),
        max_length=100,
        required=False,
        help_text=_(
            "Enter a code by which you know that items belong together, never a child's name. The "
            "Centre groups your reports of one series. A CyberTipline interface has no field for "
            "the series and receives it as free text."
        ),
    )
    removed = forms.BooleanField(label=_("Removed, or access disabled"), required=False)
    removal_at = _moment(_("Removed since (in your time zone)"))
    preserved_until = _moment(_("Reported content kept until (in your time zone)"))
    preserved_under = forms.CharField(
        label=_("Reference of the kept content"),
        max_length=300,
        required=False,
        help_text=_(
            "The date follows your own rule or an order. The authority sees how much time is left "
            "to request the content."
        ),
    )
    decided = forms.BooleanField(label=_("A decision on the user was taken"), required=False)
    measures = _lines(_("Measures"), _("One per line, such as: account suspended"))
    awareness = forms.MultipleChoiceField(
        label=_("How you became aware"), choices=AWARENESS, widget=forms.CheckboxSelectMultiple
    )
    awareness_details = forms.CharField(label=_("Details"), required=False, max_length=2000)
    third_country = forms.BooleanField(label=_("Reported to a third country"), required=False)
    third_country_authority = forms.CharField(label=_("Authority in the third country"), required=False, max_length=300)
    third_country_reference = forms.CharField(label=_("Reference of that authority"), required=False, max_length=300)
    service_urls = _lines(_("Addresses of the service concerned"))
    service_details = forms.CharField(label=_("Part of the service"), required=False, max_length=1000)
    country = forms.CharField(label=_("Country of the place"), required=False, max_length=2, help_text=_("Two letters"))
    postal_code = forms.CharField(label=_("Postal code"), required=False, max_length=40)
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    other = forms.CharField(label=_("Other information"), required=False, max_length=5000, widget=forms.Textarea)

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("preserved_under") and not self.cleaned_data.get("preserved_until"):
            self.add_error("preserved_until", _("Enter the end date, or clear the reference."))


# Two empty forms at the end; more appear with every saving, without a script.
Accounts = formset_factory(PersonForm, extra=1, max_num=50, can_delete=True)
Victims = formset_factory(PersonForm, extra=1, max_num=50, can_delete=True)
Locations = formset_factory(LocationForm, extra=2, max_num=200, can_delete=True)
