"""Forms of hand-overs. None has a field for a name or for a fact about a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.casework.hand_overs import rows, send
from tutela.casework.hand_overs.send import HandOverInput
from tutela.casework.hand_overs.work_queue import HandOverView
from tutela.casework.models import ActionKind, AgencyKind, HandOverGround, HandOverNeed, RefusedBecause
from tutela.events.actor import Actor

OUTSIDE = [one for one in AgencyKind.choices if one[0] != AgencyKind.DESK]
# The first choice of a list that nobody may leave as it is.
NOT_CHOSEN = ("", "—")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def words_field(label: Any, *, required: bool = True) -> forms.CharField:
    """Own words about a step, which leave in no message."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=rows.MOST_CHARACTERS, widget=widget, required=required)


class HandOverForm(forms.Form):
    """A hand-over of a need."""

    agency_id = forms.ChoiceField(label=_("Organisation in the directory"), required=False)
    agency_name = forms.CharField(
        label=_("Or another agency"),
        max_length=200,
        required=False,
        help_text=_("Name of the agency, not of a person. It gets a letter that you send."),
    )
    agency_kind = forms.ChoiceField(label=_("Kind of that agency"), choices=OUTSIDE, initial=AgencyKind.OTHER)
    need = forms.ChoiceField(label=_("Needed"), choices=[NOT_CHOSEN, *HandOverNeed.choices])
    actions = forms.MultipleChoiceField(
        label=_("Protective actions"),
        choices=ActionKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("For a protective action alone. A school learns nothing else."),
    )
    ground = forms.ChoiceField(label=_("Legal ground"), choices=[NOT_CHOSEN, *HandOverGround.choices])
    due_on = forms.DateField(label=_("Needed by"), widget=DAY)
    urgent = forms.BooleanField(label=_("Urgent: to answer within 24 hours"), required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agency_id"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [NOT_CHOSEN, *((str(one.id), f"{one.name} ({one.country})") for one in send.agencies(actor))]

    def given(self, subject_kind: str = "", subject_id: UUID | None = None) -> HandOverInput:
        """What was entered, about an own case. Call when the form is valid."""
        said = dict(self.cleaned_data)
        said["agency_id"] = UUID(said["agency_id"]) if said["agency_id"] else None
        said["actions"] = tuple(said["actions"])
        return HandOverInput(**said, subject_kind=subject_kind, subject_id=subject_id)


class HandOverStepForm(forms.Form):
    """A step of a hand-over."""

    state = forms.ChoiceField(label=_("Step"))
    because = forms.ChoiceField(
        label=_("Reason of a refusal"), choices=[NOT_CHOSEN, *RefusedBecause.choices], required=False
    )
    text = words_field(_("Own note; it stays here"), required=False)

    def __init__(self, full: HandOverView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [NOT_CHOSEN, *((one.value, one.label) for one in full.next_states)]


class HandOverReasonForm(forms.Form):
    """Why a hand-over is taken back, or settled."""

    text = words_field(_("Reason; it stays here"))
