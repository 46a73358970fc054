"""Forms of removal requests, at victim support and at hosts. No form takes a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.exchange.removal.requested_hashes import HashType, Shape
from tutela.exchange.removal.scheme import LONGEST_DAYS
from tutela.victims.case_work.work_queue import RemovalView
from tutela.victims.host_desk import membership
from tutela.victims.host_desk.membership import TermsInput
from tutela.victims.host_desk.review import FoundJudgement
from tutela.victims.host_desk.work_queue import BECAUSE
from tutela.victims.hotlines import hand_over
from tutela.victims.models import ActsFor, FlagKind, FoundStage
from tutela.victims.removal import rows
from tutela.victims.removal.intake import EnterInput
from tutela.victims.removal.mandates import RemovalMandateInput

NOTE = forms.Textarea(attrs={"rows": 4})
WHEN = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
# The first choice of a list that nobody may leave as it is.
NOT_CHOSEN = ("", "—")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
REPRESENTATIVES = [one for one in ActsFor.choices if one[0] != ActsFor.SELF]
SHAPES = (
    (Shape.TAKE_IT_DOWN.value, _("Take It Down")),
    (Shape.REPORT_REMOVE.value, _("Report Remove")),
    (Shape.STOPNCII.value, _("StopNCII (adults only: refused)")),
)
TYPES = ((HashType.SHA256.value, "SHA-256"), (HashType.MD5.value, "MD5"), (HashType.PDQ.value, "PDQ"))


def text_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A text of several lines."""
    most = rows.MOST_CHARACTERS
    return forms.CharField(label=label, max_length=most, widget=NOTE, required=required, help_text=help_text)


class EnterForm(forms.Form):
    """A request that came by letter or telephone."""

    acts_for = forms.ChoiceField(label=_("Request by"), choices=ActsFor.choices)
    received_at = forms.DateTimeField(label=_("Received"), widget=WHEN)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    text = text_field(
        _("Addresses and fingerprints"),
        help_text=_("One a line: an address, or a type and a hash such as “sha256 9f86…”. No name and no age."),
    )

    def given(self) -> EnterInput:
        """What was entered. Call when the form is valid."""
        return EnterInput(**self.cleaned_data)


class AddForm(forms.Form):
    """Further addresses and fingerprints."""

    text = text_field(_("Addresses and fingerprints"), help_text=_("For an account: the address of its page."))


class HostsForm(forms.Form):
    """Hosts that get the fingerprints."""

    hosts = forms.MultipleChoiceField(label=_("Hosts"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, full: RemovalView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["hosts"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one.pk), f"{one.host_name} ({', '.join(one.types)})") for one in full.accepting]
        field.initial = [value for value, _label in field.choices]

    def given(self) -> list[UUID]:
        """The chosen hosts. Call when the form is valid."""
        return [UUID(one) for one in self.cleaned_data["hosts"]]


class HotlineForm(forms.Form):
    """The hotline that gets the addresses."""

    hotline = forms.ChoiceField(label=_("Hotline"))

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["hotline"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.id), f"{one.name} ({one.country})") for one in hand_over.hotlines(actor)]

    def hotline_id(self) -> UUID:
        """The chosen hotline. Call when the form is valid."""
        return UUID(self.cleaned_data["hotline"])


class SearchForm(HotlineForm):
    """A search of public hosts, under a mandate of the hotline."""

    last_day = forms.DateField(label=_("Last day"), widget=DAY)


class MandateForm(forms.Form):
    """A mandate of a representative."""

    kind = forms.ChoiceField(label=_("Who has the mandate"), choices=[("", "—"), *REPRESENTATIVES])
    last_day = forms.DateField(label=_("Last day"), widget=DAY)
    document = text_field(_("Document that you saw"))
    may_add = forms.BooleanField(label=_("May add pictures and addresses"), required=False)
    may_pause = forms.BooleanField(label=_("May pause the request"), required=False)

    def given(self) -> RemovalMandateInput:
        """What was entered. Call when the form is valid."""
        return RemovalMandateInput(**self.cleaned_data)


class ContactNoteForm(forms.Form):
    """What staff did to contact the person."""

    reached = forms.ChoiceField(
        label=_("Result"),
        choices=[("yes", _("reached by the safe channel")), ("no", _("nobody reached"))],
        widget=forms.RadioSelect,
    )
    text = text_field(_("Channel and time"), help_text=_("No word about what the pictures show."))


class ReleaseForm(forms.Form):
    """A decision about what a rule held back."""

    kind = forms.ChoiceField(choices=FlagKind.choices, widget=forms.HiddenInput)
    place = forms.IntegerField(min_value=0, max_value=1000, widget=forms.HiddenInput)
    allowed = forms.ChoiceField(
        label=_("Decision"),
        choices=[("yes", _("may be sent to hosts")), ("no", _("stays back"))],
        widget=forms.RadioSelect,
    )
    reason = text_field(_("Reason"))


class WithdrawForm(forms.Form):
    """A withdrawal that the person told staff."""

    text = text_field(_("How the person said so"))


class SchemeTermsForm(forms.Form):
    """Terms under which a host accepts the scheme."""

    support = forms.ChoiceField(label=_("Victim support"))
    shape = forms.ChoiceField(label=_("Shape"), choices=SHAPES)
    types = forms.MultipleChoiceField(
        label=_("Types of hash"),
        choices=TYPES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only the fewest by which your service finds copies. You are sent no other."),
    )
    most_days = forms.IntegerField(label=_("Longest time, in days"), min_value=1, max_value=LONGEST_DAYS, initial=365)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["support"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.id), f"{one.name} ({one.country})") for one in membership.supports(actor)]

    def given(self) -> TermsInput:
        """What was entered. Call when the form is valid."""
        said = dict(self.cleaned_data)
        return TermsInput(**{**said, "support": UUID(said["support"])})


class FoundForm(forms.Form):
    """A reviewer's decision about an item."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (FoundStage.REMOVED.value, _("removed from the service")),
            (FoundStage.KEPT.value, _("not removed")),
        ],
        widget=forms.RadioSelect,
    )
    because = forms.ChoiceField(label=_("Reason, if it is not removed"), choices=[("", "—"), *BECAUSE], required=False)
    reason = text_field(_("Note for colleagues"), required=False)

    def given(self) -> FoundJudgement:
        """What was entered. Call when the form is valid."""
        return FoundJudgement(**self.cleaned_data)
