"""The forms of a draft: its sections, accounts, places, children, and back to the report's own JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tutela.detection.drafts.drafts import OF_ITEMS
from tutela.detection.web.forms.candidates import AWARENESS, DANGERS
from tutela.exchange.report.age_and_gender import AGE_WORDS, GENDER_WORDS
from tutela.exchange.report.circulation import WORDS
from tutela.exchange.report.report import Report
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


class DraftForms:
    """All forms of one draft together. `changes()` is what `drafts.edit` takes."""

    def __init__(self, report: Report, revision: int, data: Mapping[str, Any] | None = None) -> None:
        self._report = report
        self.sections = SectionsForm(data, initial=_sections(report, revision))
        self.accounts: BaseFormSet[Any] = Accounts(data, prefix="accounts", initial=[_person(p) for p in report.users])
        self.victims: BaseFormSet[Any] = Victims(data, prefix="victims", initial=[_person(p) for p in report.victims])
        places = [{"ip": str(p.ip), "port": p.port, "at": p.at} for p in report.locations]
        self.locations: BaseFormSet[Any] = Locations(data, prefix="locations", initial=places)

    def is_valid(self) -> bool:
        # All are asked, so that everything that is wrong is shown at once.
        valid = [f.is_valid() for f in (self.sections, self.accounts, self.victims, self.locations)]
        return all(valid)

    @property
    def revision(self) -> int:
        return int(self.sections.cleaned_data["revision"])

    def changes(self) -> dict[str, Any]:
        d, old = self.sections.cleaned_data, self._report.model_dump(mode="json", exclude_none=True)
        third = {"authority": d["third_country_authority"], "reference": d["third_country_reference"]}
        geography = {
            **_first(old, "geography"),
            **{k: d[k] for k in ("postal_code", "place")},
            "country": d["country"].upper(),
        }
        service = {**old["service"], "urls": _split(d["service_urls"]), "details": d["service_details"]}
        decision = {"decided": d["decided"], "measures": _split(d["measures"])}
        return {
            "urgency": _filled({"urgent": d["urgent"], "reason": d["urgency_reason"], "dangers": d["dangers"]}),
            "removal": self._removal(old),
            "preservation": self._preservation(),
            "user_decision": _filled({**old["user_decision"], **decision}),
            "awareness": _filled({"manners": d["awareness"], "details": d["awareness_details"]}),
            "third_country": _filled({"reported": d["third_country"], **third}),
            "service": _filled(service),
            "geography": [g for g in [_filled(geography)] if g] + old.get("geography", [])[1:],
            "other": _filled({**old.get("other", {}), "text": d["other"]}) or None,
            "users": _people(self.accounts, old.get("users", [])),
            "victims": _people(self.victims, old.get("victims", [])),
            "locations": _places(self.locations),
            # Said of every item, and only where somebody said otherwise than before.
            **{name: d[name] for name in OF_ITEMS if name in self.sections.changed_data},
        }

    def _removal(self, old: dict[str, Any]) -> dict[str, Any] | None:
        d = self.sections.cleaned_data
        if "removal" not in old and not d["removed"]:
            return None
        at = d["removal_at"].isoformat() if d["removal_at"] and d["removed"] else ""
        return _filled({**old.get("removal", {}), "removed_or_disabled": d["removed"], "at": at})

    def _preservation(self) -> dict[str, Any] | None:
        d = self.sections.cleaned_data
        if not d["preserved_until"]:
            return None
        return _filled({"until": d["preserved_until"].isoformat(), "reference": d["preserved_under"]})


def _sections(report: Report, revision: int) -> dict[str, Any]:
    place = report.geography[0] if report.geography else None
    return {
        "revision": revision,
        "urgent": report.urgency.urgent,
        "urgency_reason": report.urgency.reason,
        "dangers": [str(one) for one in report.urgency.dangers or ()],
        "spread": sorted({str(one) for item in report.items for one in item.spread or ()}),
        "series": _series(report),
        "removed": report.removal.removed_or_disabled if report.removal else False,
        "removal_at": report.removal.at if report.removal else None,
        "preserved_until": report.preservation.until if report.preservation else None,
        "preserved_under": report.preservation.reference if report.preservation else "",
        "decided": report.user_decision.decided,
        "measures": "\n".join(report.user_decision.measures),
        "awareness": [str(m) for m in report.awareness.manners],
        "awareness_details": report.awareness.details,
        "third_country": report.third_country.reported,
        "third_country_authority": report.third_country.authority,
        "third_country_reference": report.third_country.reference,
        "service_urls": "\n".join(report.service.urls),
        "service_details": report.service.details,
        "country": place.country if place else "",
        "postal_code": place.postal_code if place else "",
        "place": place.place if place else "",
        "other": report.other.text if report.other else "",
    }


def _series(report: Report) -> str:
    """The series of all items; empty where they are of several, each of which stays as long as nobody enters one."""
    found = {item.series for item in report.items}
    return next(iter(found)) or "" if len(found) == 1 else ""


def _person(person: Any) -> dict[str, Any]:
    lists = {name: "\n".join(getattr(person, name)) for name in LISTS}
    return lists | {name: getattr(person, name) or "" for name in TEXTS}


def _people(forms_: BaseFormSet[Any], old: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the form does not show of somebody stays as it was."""
    out = []
    for place, form in enumerate(forms_.forms):
        d = form.cleaned_data
        if d.get("DELETE"):
            continue
        before = old[place] if place < len(old) else {}
        shown = {name: _split(d.get(name, "")) for name in LISTS} | {name: d.get(name, "") for name in TEXTS}
        out.append(_filled({**before, **shown}))
    return [one for one in out if one]


def _places(forms_: BaseFormSet[Any]) -> list[dict[str, Any]]:
    kept = [f.cleaned_data for f in forms_.forms if f.cleaned_data.get("ip") and not f.cleaned_data.get("DELETE")]
    zone = timezone.get_current_timezone_name()
    return [_filled({"ip": d["ip"], "port": d["port"], "at": d["at"].isoformat(), "time_zone": zone}) for d in kept]


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _first(old: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = old.get(name, [])
    return dict(found[0]) if found else {}


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty; `False` says something and stays."""
    return {name: value for name, value in data.items() if value not in (None, "", [])}
