"""Forms of complaints: entry, measure, decision, settlement, misuse."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.redress.complaints import account_proof, measure, settlement
from tutela.redress.complaints.decide import Judgement
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.complaints.work_queue import ComplaintView
from tutela.redress.models import (
    Complainant,
    ComplaintStepKind,
    DecisionOutcome,
    MeasureKind,
    ReasonCode,
    StandardReason,
)
from tutela.redress.web.forms.fields import WHEN, text_field


class EnterForm(forms.Form):
    """A complaint that came by letter or telephone."""

    received_at = forms.DateTimeField(label=_("Received"), widget=WHEN)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    text = text_field(_("Complaint"))


class MeasureForm(forms.Form):
    """What a complaint is about, and who decided it."""

    complainant = forms.ChoiceField(label=_("Complainant"))
    measure = forms.ChoiceField(label=_("Measure"))
    report = forms.CharField(label=_("Number of the report"), max_length=20, required=False)
    notice = forms.CharField(label=_("Number of the notice"), max_length=20, required=False)
    entry = forms.UUIDField(
        label=_("Entry of the register"),
        required=False,
        help_text=_("If the report rests on several entries: the one that was wrong."),
    )
    against = forms.UUIDField(label=_("Whose measure it is"), required=False, widget=forms.Select)
    measure_at = forms.DateTimeField(label=_("Measure taken"), widget=WHEN, required=False)
    informed_at = forms.DateTimeField(label=_("Person informed"), widget=WHEN, required=False)
    account = forms.CharField(
        label=_("Account of the complainant"),
        max_length=300,
        required=False,
        help_text=_("Counts for the rule on misuse alone. It is not stored in clear."),
    )
    deciders = forms.MultipleChoiceField(
        label=_("People who decided on the measure"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("complainant", [one for one in Complainant.choices if one[0] != Complainant.UNKNOWN])
        self._choices("measure", [one for one in MeasureKind.choices if one[0] != MeasureKind.UNKNOWN])
        self._choices("deciders", [(str(pk), name) for pk, name in measure.colleagues(actor)])
        known = [(str(one.id), f"{one.name} ({one.country})") for one in measure.overseen(actor)]
        self.fields["against"].widget.choices = [("", "—"), *known]
        kind = actor.organisation_kind
        unused = {"provider": ("against",), "hotline": ("report", "entry", "against")}
        for name in unused.get(kind, ("report", "notice", "entry")):
            del self.fields[name]

    def given(self) -> MeasureInput:
        """What was entered. Call when the form is valid."""
        said = dict(self.cleaned_data)
        return MeasureInput(**{**said, "deciders": tuple(UUID(one) for one in said["deciders"])})

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def measure_form(actor: Actor, full: ComplaintView) -> MeasureForm:
    """The form with what is recorded."""
    row = full.row
    initial = {
        "complainant": row.complainant,
        "measure": row.measure,
        "report": full.report_number,
        "notice": row.notice_number,
        "entry": row.indicator_id,
        "against": row.against_id,
        "measure_at": row.measure_at,
        "informed_at": row.informed_at,
        "deciders": [one.removeprefix("person:") for one in row.deciders],
    }
    return MeasureForm(actor, initial=initial, auto_id="measure_%s")


class CodeForm(forms.Form):
    """The account for which a code is made, and how the code reaches it."""

    kind = forms.ChoiceField(
        label=_("How the code reaches the account"),
        choices=[(one.value, one.label) for one in account_proof.CODES],
        widget=forms.RadioSelect,
    )
    account = forms.CharField(
        label=_("Account that the person names"), max_length=300, help_text=_("It is not stored in clear.")
    )


class EnterCodeForm(forms.Form):
    """A code that came by letter or telephone."""

    code = forms.CharField(label=_("Code that the person gave"), max_length=80)


class NumberForm(forms.Form):
    """The number of the statement of reasons that the person named."""

    number = forms.CharField(label=_("Number that the person named"), max_length=account_proof.MOST_NUMBER)
    compared = forms.BooleanField(
        label=_("I compared it with the copy of what the person was sent"),
        required=False,
        help_text=_("Needed if Tutela did not make the statement."),
    )


class DecideForm(forms.Form):
    """A decision on a complaint, with the reasons that the person reads."""

    outcome = forms.ChoiceField(label=_("Decision"), choices=DecisionOutcome.choices, widget=forms.RadioSelect)
    reason_code = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *ReasonCode.choices])
    reasons = text_field(
        _("Reasons for the person, in the person's language"),
        required=False,
        help_text=_("The person reads this text. Name no list, report, authority or other person."),
    )
    standard = forms.MultipleChoiceField(
        label=_("Standard reasons, which the person reads translated"),
        required=False,
        choices=StandardReason.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Needed if you write no reasons of your own."),
    )
    notes = text_field(
        _("Internal notes"),
        required=False,
        help_text=_("For colleagues, a court and a supervisory authority. The person does not read them."),
    )
    accept_late = forms.BooleanField(label=_("Decide although six months are over"), required=False)

    def given(self) -> Judgement:
        """What was entered. Call when the form is valid."""
        return Judgement(**{**self.cleaned_data, "standard": tuple(self.cleaned_data["standard"])})


class SettlementForm(forms.Form):
    """A step at an out-of-court body or a court."""

    kind = forms.ChoiceField(
        label=_("Step"), choices=[(one.value, ComplaintStepKind(one).label) for one in settlement.KINDS]
    )
    body = forms.CharField(label=_("Body or court"), max_length=200)
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)
    text = text_field(_("Result"), required=False)


class MisuseForm(forms.Form):
    """Why an account is warned or its complaints are suspended."""

    text = text_field(_("Number, share, gravity and intention"))
