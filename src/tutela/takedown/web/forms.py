"""Forms of the hotline's desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.law import classification
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.takedown.assessment.assess import PAYMENTS
from tutela.takedown.intake import search_mandates
from tutela.takedown.models import Channel, Commerciality, Reality, Source, StepKind, Verdict
from tutela.takedown.notices import provider_messages
from tutela.takedown.notices.notify import ANSWERS
from tutela.takedown.police import notice_waits, police_steps

PAYMENT_LABELS = {
    "card": _("payment card"),
    "paypal": _("PayPal"),
    "bank_transfer": _("bank transfer"),
    "crypto": _("crypto-asset"),
    "sms": _("SMS or telephone bill"),
    "other": _("other"),
}
NOTE = forms.Textarea(attrs={"rows": 2})


class AddressesForm(forms.Form):
    addresses = forms.CharField(
        label=_("Addresses, one a line"),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        max_length=100_000,
        help_text=_("hxxps:// and [.] are accepted. An address that is known counts one more report."),
    )
    source = forms.ChoiceField(
        label=_("Source"),
        choices=[(one.value, one.label) for one in (Source.ENTERED, Source.HOTLINE, Source.PROACTIVE)],
    )
    mandate = forms.UUIDField(
        label=_("Mandate"),
        widget=forms.Select,
        required=False,
        help_text=_("For a proactive search: a mandate that another person has confirmed."),
    )
    reference = forms.CharField(label=_("Reference of the sender"), max_length=100, required=False)
    urgent = forms.BooleanField(label=_("Somebody may be in danger"), required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counting = [one.row for one in search_mandates.list_mandates(actor) if one.counts]
        known = [(str(one.pk), f"{one.number}: {one.purpose[:60]}") for one in counting]
        self.fields["mandate"].widget.choices = [("", "—"), *known]


class SearchMandateForm(forms.Form):
    requested_by = forms.CharField(
        label=_("Requested by"), max_length=200, help_text=_("An authority, a partner hotline or the management.")
    )
    document = forms.CharField(label=_("Document"), max_length=300, help_text=_("Its name, and where it is kept."))
    purpose = forms.CharField(label=_("Purpose"), max_length=500, widget=NOTE)
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class AssessmentForm(forms.Form):
    verdict = forms.ChoiceField(label=_("Verdict"), choices=Verdict.choices, widget=forms.RadioSelect)
    label = forms.ChoiceField(label=_("Label of the content"), required=False)
    reality = forms.ChoiceField(
        label=_("Child"), choices=[("", "—"), *Reality.choices], required=False, help_text=_("Unclear counts as real.")
    )
    commerciality = forms.ChoiceField(label=_("Money"), choices=Commerciality.choices, initial=Commerciality.UNCLEAR)
    payments = forms.MultipleChoiceField(
        label=_("Payment methods"),
        choices=[(one, PAYMENT_LABELS[one]) for one in PAYMENTS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    viewed_seconds = forms.IntegerField(label=_("Viewing time (seconds)"), min_value=0, max_value=14_400, initial=0)
    certified_sha256 = forms.CharField(
        label=_("Or: SHA-256 of an exact copy of a certified item"),
        max_length=64,
        required=False,
        help_text=_("Nothing needs to be viewed if the register has an active entry with this digest."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000, required=False, widget=NOTE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = [(one.code, one.label) for one in classification.choices()]
        self.fields["label"].choices = [("", "—"), *labels]  # type: ignore[attr-defined]


class AuthorityForm(forms.Form):
    """A form with an authority of the directory."""

    authority = forms.UUIDField(label=_("Authority"), widget=forms.Select)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(one.id), f"{one.name} ({one.country})") for one in police_steps.authorities(actor)]
        self.fields["authority"].widget.choices = known


class PoliceForm(AuthorityForm):
    reference = forms.CharField(label=_("Reference of the receipt"), max_length=120)


class HoldForm(AuthorityForm):
    until = forms.DateTimeField(
        label=_("No notice before"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=NOTE)


class WaitForm(forms.Form):
    country = forms.ChoiceField(
        label=_("Hosting country"),
        required=False,
        choices=[("", _("every other country")), *sorted(COUNTRIES.items(), key=lambda one: str(one[1]))],
    )
    hours = forms.IntegerField(
        label=_("Hours after the report to the police"), min_value=0, max_value=notice_waits.MOST_HOURS
    )
    valid_from = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    source = forms.CharField(
        label=_("Procedure"), max_length=300, help_text=_("Who asks for the wait, and in which document.")
    )


class EvidenceForm(forms.Form):
    reference = forms.CharField(label=_("Reference of the sealed evidence"), max_length=120, required=False)
    reason = forms.CharField(label=_("Or: why no evidence is sealed"), max_length=2000, required=False, widget=NOTE)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("reference")) == bool(given.get("reason")):
            raise forms.ValidationError(_("Enter the reference, or the reason."))
        return given


class NoticeForm(forms.Form):
    channel = forms.ChoiceField(label=_("Sent as"), choices=Channel.choices)
    email = forms.EmailField(
        label=_("To"),
        required=False,
        help_text=_("Empty: the contact that the trace found. After an escalation, enter that of the next level."),
        max_length=254,
    )
    provider = forms.UUIDField(
        label=_("Provider of the directory"),
        widget=forms.Select,
        required=False,
        help_text=_("For a message. Only providers whose API key your organisation holds are listed."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=[])

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]
        known = [(str(one.id), f"{one.name} ({one.country})") for one in provider_messages.providers(actor)]
        self.fields["provider"].widget.choices = [("", "—"), *known]


class AnswerForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Answer of the host"), choices=[(one.value, StepKind(one).label) for one in ANSWERS]
    )
    reference = forms.CharField(label=_("Reference of the host"), max_length=120, required=False)
    reason = forms.CharField(label=_("Reason of the host"), max_length=2000, required=False, widget=NOTE)


class ConditionsForm(forms.Form):
    referrer = forms.CharField(label=_("Referrer"), max_length=2083, required=False)
    cookie = forms.CharField(label=_("Cookie"), max_length=4096, required=False)
    password = forms.CharField(label=_("Password"), max_length=300, required=False)
    country = forms.ChoiceField(
        label=_("Country"), required=False, choices=[("", "—"), *sorted(COUNTRIES.items(), key=lambda one: str(one[1]))]
    )
    device = forms.CharField(label=_("Device (user agent)"), max_length=300, required=False)
    time = forms.CharField(label=_("Time of day"), max_length=60, required=False)
