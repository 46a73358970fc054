"""The forms of a draft: its sections, accounts, places, children, and back to the report's own JSON."""

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
            raise forms.ValidationError(_("Write the two letters of a country, such as DE."))
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
    phones = _lines(_("Telephone numbers"))
    identifiers = _lines(_("Account numbers"))
    profile_urls = _lines(_("Profile addresses"))
    mailing_address = forms.CharField(label=_("Postal address"), required=False, max_length=1000)
    residence = _country(
        _("Says to live in"), _("Two letters, such as DE. By it the Centre finds whose case it is, among other things.")
    )
    account_country = _country(_("Country of the account"), _("Two letters: the one that is set in it"))
    language = forms.CharField(
        label=_("Language"),
        required=False,
        max_length=35,
        help_text=_("In which the account is set or used, such as de; nothing where it is not known"),
    )
    age_group = forms.ChoiceField(
        label=_("Age, as stated"),
        choices=AGES,
        required=False,
        help_text=_("By this person or somebody who knows, never guessed. No score reads it; published rates do."),
    )
    gender = forms.ChoiceField(label=_("Gender, as stated"), choices=GENDERS, required=False)
    other = forms.CharField(label=_("Anything else"), required=False, max_length=2000)

    def clean(self) -> None:
        super().clean()
        said, data = {"age_group", "gender"}, self.cleaned_data
        if any(map(data.get, said)) and not self.errors and not any(map(data.get, {*self.fields} - said)):
            self.add_error("age_group", _("Say by what this person can be told, or leave out age and gender."))

    def clean_language(self) -> str:
        base, *rest = str(self.cleaned_data["language"]).split("-")
        return "-".join([base.lower(), *rest])


class LocationForm(forms.Form):
    ip = forms.GenericIPAddressField(label=_("IP address"), required=False)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, required=False)
    at = _moment(_("When (in your time zone)"))

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("ip") and not data.get("at") and "at" not in self.errors:
            self.add_error("at", _("An address means nothing without its moment."))
        if not data.get("ip") and (data.get("port") or data.get("at")) and "ip" not in self.errors:
            self.add_error("ip", _("Enter the address, or empty the line."))


class SectionsForm(forms.Form):
    """The single sections."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    urgent = forms.BooleanField(label=_("Requires urgent action"), required=False)
    urgency_reason = forms.CharField(label=_("because"), required=False, max_length=1000)
    dangers = forms.MultipleChoiceField(
        label=_("What may put a child in danger now"),
        choices=DANGERS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("It decides how soon somebody looks. Leave out what you only suppose."),
    )
    spread = forms.MultipleChoiceField(
        label=_("How the items circulate"),
        choices=SPREADING,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Only what your own records or reviewers say. It makes nothing lawful."),
    )
    series = forms.CharField(
        label=_("Series of the items"),
        max_length=100,
        required=False,
        help_text=_(
            "A code by which you know that items belong together, never a child's name. The Centre puts your reports of"
            " one series side by side; a CyberTipline interface has no field for it and gets it in words."
        ),
    )
    removed = forms.BooleanField(label=_("Removed, or access disabled"), required=False)
    removal_at = _moment(_("since (in your time zone)"))
    preserved_until = _moment(_("What is reported is kept until (in your time zone)"))
    preserved_under = forms.CharField(
        label=_("and under which reference"),
        max_length=300,
        required=False,
        help_text=_("By your own rule or an order. The authority sees how much time is left to ask for it."),
    )
    decided = forms.BooleanField(label=_("A decision on the user was taken"), required=False)
    measures = _lines(_("Which"), _("One a line, such as: account suspended"))
    awareness = forms.MultipleChoiceField(
        label=_("How you became aware"), choices=AWARENESS, widget=forms.CheckboxSelectMultiple
    )
    awareness_details = forms.CharField(label=_("Details"), required=False, max_length=2000)
    third_country = forms.BooleanField(label=_("Reported to a third country"), required=False)
    third_country_authority = forms.CharField(label=_("To whom"), required=False, max_length=300)
    third_country_reference = forms.CharField(label=_("Its reference"), required=False, max_length=300)
    service_urls = _lines(_("Addresses of the service concerned"))
    service_details = forms.CharField(label=_("Part of the service"), required=False, max_length=1000)
    country = forms.CharField(label=_("Country of the place"), required=False, max_length=2, help_text=_("Two letters"))
    postal_code = forms.CharField(label=_("Postal code"), required=False, max_length=40)
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    other = forms.CharField(label=_("Other information"), required=False, max_length=5000, widget=forms.Textarea)

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("preserved_under") and not self.cleaned_data.get("preserved_until"):
            self.add_error("preserved_until", _("Say until when, or empty the reference."))


# Two empty forms at the end; more appear with every saving, without a script.
Accounts = formset_factory(PersonForm, extra=1, max_num=50, can_delete=True)
Victims = formset_factory(PersonForm, extra=1, max_num=50, can_delete=True)
Locations = formset_factory(LocationForm, extra=2, max_num=200, can_delete=True)
