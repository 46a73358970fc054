"""Forms of the network's pages. Rows are chosen from those of the own organisation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.casework.public_languages.names import MEMBERS
from tutela.prevention.models import FactorKind, ItemKind, Practice, ReliefMeasure, ViewConsent, ViewState
from tutela.prevention.network.groups import ItemInput
from tutela.prevention.network.members import MemberInput
from tutela.prevention.network.relief import ReliefInput
from tutela.prevention.web.forms import DAY

CHECKS = forms.CheckboxSelectMultiple
type Rows = list[tuple[UUID, str]]


def _lines(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    given = {"max_length": 5000, **more}
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **given)


class RowsForm(forms.Form):
    """A form whose fields of `chosen` offer rows; a value is an ID, or none."""

    chosen: tuple[str, ...] = ()

    def __init__(self, rows: dict[str, Rows], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.chosen:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            offered = [(str(key), label) for key, label in rows[name]]
            several = isinstance(field, forms.MultipleChoiceField)
            field.choices = offered if several or field.required else [("", "—"), *offered]

    def said(self) -> dict[str, Any]:
        """What was entered, with IDs. Call when the form is valid."""
        return {name: self._ids(value) if name in self.chosen else value for name, value in self.cleaned_data.items()}

    @staticmethod
    def _ids(value: Any) -> Any:
        return [UUID(one) for one in value] if isinstance(value, list) else UUID(value) if value else None


class MemberForm(RowsForm):
    """A member of the network."""

    chosen = ("programmes",)
    name = forms.CharField(label=_("Name"), max_length=200)
    employer = forms.CharField(label=_("Organisation"), max_length=200)
    country = forms.CharField(
        label=_("Country (two letters)"),
        min_length=2,
        max_length=2,
        help_text=_("Also of a country outside the Union."),
    )
    practices = forms.MultipleChoiceField(label=_("Practice"), choices=Practice.choices, widget=CHECKS)
    programmes = forms.MultipleChoiceField(label=_("Programmes"), required=False)
    joined_on = forms.DateField(label=_("Joined on"), widget=DAY)

    def given(self) -> MemberInput:
        """What was entered. Call when the form is valid."""
        said = self.said()
        return MemberInput(**(said | {"country": said["country"].upper()}))


class LeaveForm(RowsForm):
    """A member leaves."""

    chosen = ("member",)
    member = forms.ChoiceField(label=_("Member"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class MemberInterestsForm(RowsForm):
    """A member's conflicts of interest."""

    chosen = ("member",)
    member = forms.ChoiceField(label=_("Member"))
    text = forms.CharField(label=_("Conflicts of interest, or “none”"), max_length=500)


class GroupForm(forms.Form):
    """A working group."""

    title = forms.CharField(label=_("Title"), max_length=200)
    mandate = _lines(_("Mandate"))
    practice = forms.ChoiceField(label=_("Practice"), choices=[("", "—"), *Practice.choices], required=False)


class GroupStepForm(RowsForm):
    """A member joins or leaves a group."""

    chosen = ("group", "member")
    group = forms.ChoiceField(label=_("Working group"))
    member = forms.ChoiceField(label=_("Member"))
    step = forms.ChoiceField(label=_("What happened"), choices=[("joined", _("joined")), ("left", _("left"))])


class ItemForm(RowsForm):
    """A call, a deliverable or an event."""

    chosen = ("group",)
    kind = forms.ChoiceField(label=_("Kind"), choices=ItemKind.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    group = forms.ChoiceField(label=_("Working group"), required=False)
    text = _lines(_("Text"), required=False)
    link = forms.CharField(label=_("Address (https://)"), max_length=300, required=False)
    starts_on = forms.DateField(label=_("Begins"), widget=DAY)
    ends_on = forms.DateField(label=_("Ends, closes or is due"), widget=DAY)

    def given(self) -> ItemInput:
        """What was entered. Call when the form is valid."""
        return ItemInput(**self.said())


class DeliveryForm(RowsForm):
    """A delivered output."""

    chosen = ("item", "present")
    item = forms.ChoiceField(label=_("Deliverable"))
    link = forms.CharField(label=_("Address (https://)"), max_length=300)
    present = forms.MultipleChoiceField(label=_("Who took part"), widget=CHECKS)
    dissent = _lines(_("Dissent"), required=False)


class ViewForm(forms.Form):
    """A survivor's view."""

    text = _lines(_("View, without names"))
    consent = forms.ChoiceField(label=_("May be read"), choices=ViewConsent.choices)


class ViewStepForm(RowsForm):
    """A step of a view."""

    chosen = ("view",)
    view = forms.ChoiceField(label=_("View"))
    state = forms.ChoiceField(
        label=_("What happened"), choices=[one for one in ViewState.choices if one[0] != ViewState.OFFERED]
    )
    text = _lines(_("Change, or reason against one"), required=False)


class FactorForm(RowsForm):
    """A place of the research map."""

    chosen = ("cited",)
    kind = forms.ChoiceField(label=_("Kind"), choices=FactorKind.choices)
    name = forms.CharField(label=_("Name"), max_length=200)
    summary = _lines(_("Findings in groups"))
    cited = forms.MultipleChoiceField(label=_("Studies"), required=False)


class ReliefForm(RowsForm):
    """A return on police work."""

    chosen = ("programme",)
    country = forms.ChoiceField(label=_("Country"), choices=[(one, one) for one in MEMBERS])
    programme = forms.ChoiceField(label=_("Programme"))
    measure = forms.ChoiceField(label=_("Measure"), choices=ReliefMeasure.choices)
    months = forms.IntegerField(label=_("Length of each period (months)"), min_value=1, max_value=120)
    before = forms.IntegerField(label=_("Before"), min_value=0)
    after = forms.IntegerField(label=_("After"), min_value=0)
    comparison_before = forms.IntegerField(label=_("Comparison region before"), min_value=0, required=False)
    comparison_after = forms.IntegerField(label=_("Comparison region after"), min_value=0, required=False)
    source = forms.CharField(label=_("Source"), max_length=300)

    def given(self) -> ReliefInput:
        """What was entered. Call when the form is valid."""
        return ReliefInput(**self.said())
