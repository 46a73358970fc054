"""Forms of support cases, of the helpline, and of survivors' voices. None has a field for an identity.

Fields of an identity are on the vault's page, without names, so that no form can send them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.victims.helpline import categories
from tutela.victims.helpline.contacts import ContactInput
from tutela.victims.models import (
    CareState,
    ContactAge,
    ContactChannel,
    ContactGender,
    ContactPlatform,
    InputConsent,
    InputEffect,
    Measure,
    PlatformMeeting,
    Risk,
    ServiceKind,
    ServiceState,
    SupportFor,
    SupportService,
    VaultPurpose,
    WantedGender,
)
from tutela.victims.support import begin, states
from tutela.victims.support.assessment import AssessmentInput
from tutela.victims.support.begin import SupportInput
from tutela.victims.support.interviews import InterviewInput
from tutela.victims.web.forms import DAY, NOT_CHOSEN, WHEN, text_field


class EnterSupportForm(forms.Form):
    """A first contact at the desk."""

    support_for = forms.ChoiceField(label=_("For"), choices=[NOT_CHOSEN, *SupportFor.choices])
    received_at = forms.DateTimeField(label=_("First contact"), widget=WHEN)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    wanted_gender = forms.ChoiceField(label=_("Wants to speak with"), choices=WantedGender.choices)

    def given(self) -> SupportInput:
        """What was entered. Call when the form is valid."""
        return SupportInput(**self.cleaned_data)


class WishForm(forms.Form):
    """With whom the person wants to speak."""

    gender = forms.ChoiceField(label=_("Gender"), choices=WantedGender.choices)
    person = forms.ChoiceField(label=_("Colleague whom the person chose"), required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("no wish")), *begin.people(actor)]


class NeedsForm(forms.Form):
    """An individual assessment of needs."""

    risks = forms.MultipleChoiceField(
        label=_("Considered"), choices=Risk.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    measures = forms.MultipleChoiceField(
        label=_("Special measures"), choices=Measure.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    wishes_heard = forms.BooleanField(label=_("The person's wishes were heard and count"), required=False)
    review_on = forms.DateField(label=_("Review on"), widget=DAY)
    text = text_field(_("Note, without a name"), required=False)

    def given(self) -> AssessmentInput:
        """What was entered. Call when the form is valid."""
        said = dict(self.cleaned_data)
        return AssessmentInput(**{**said, "risks": tuple(said["risks"]), "measures": tuple(said["measures"])})


class OfferForm(forms.Form):
    """Services to offer."""

    kinds = forms.MultipleChoiceField(
        label=_("Services"),
        choices=ServiceKind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("No service needs the consent of a parent."),
    )


class ServiceStateForm(forms.Form):
    """What became of a service."""

    state = forms.ChoiceField(label=_("State"))
    text = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, service: SupportService, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)
        following = [one for one in ServiceState.choices if states.service_may_follow(service.state, one[0])]
        field.choices = [NOT_CHOSEN, *following]


class InterviewForm(forms.Form):
    """An interview that was held."""

    held_on = forms.DateField(label=_("Held on"), widget=DAY)
    agency = forms.CharField(label=_("Agency"), max_length=200)
    recorded = forms.BooleanField(label=_("Recorded on video, so that it can be used again"), required=False)
    reason = text_field(_("Why it was needed"), required=False, help_text=_("Required for every further interview."))

    def given(self) -> InterviewInput:
        """What was entered. Call when the form is valid."""
        return InterviewInput(**self.cleaned_data)


class CareForm(forms.Form):
    """A state of the treatment or of the follow-up."""

    part = forms.ChoiceField(
        label=_("Part"), choices=(NOT_CHOSEN, ("treatment", _("treatment")), ("follow_up", _("follow-up")))
    )
    state = forms.ChoiceField(label=_("State"), choices=[NOT_CHOSEN, *CareState.choices[1:]])
    text = forms.CharField(label=_("Note"), max_length=400, required=False)


class OpeningForm(forms.Form):
    """For what an identity is opened; and how the person learns of it, where no page tells them (`told`)."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=[NOT_CHOSEN, *VaultPurpose.choices])
    told = forms.CharField(
        label=_("How the person was or will be told"),
        help_text=_("No page tells them: the case has no conversation that they can read. Write no name."),
        widget=forms.Textarea({"rows": 2}),
        max_length=4000,
    )

    def __init__(self, *args: Any, told: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if told:
            del self.fields["told"]


class HelplineContactForm(forms.Form):
    """A contact of the helpline, in codes."""

    day = forms.DateField(label=_("Day"), widget=DAY)
    category = forms.ChoiceField(label=_("Category"))
    age = forms.ChoiceField(label=_("Who called"), choices=[NOT_CHOSEN, *ContactAge.choices])
    gender = forms.ChoiceField(label=_("Gender"), choices=ContactGender.choices, initial=ContactGender.NOT_RECORDED)
    channel = forms.ChoiceField(label=_("Channel"), choices=[NOT_CHOSEN, *ContactChannel.choices])
    platform = forms.ChoiceField(
        label=_("Platform"), choices=ContactPlatform.choices, initial=ContactPlatform.NOT_RECORDED
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        known = dict.fromkeys(one for each in reversed(categories.sets()) for one in each.categories)
        field.choices = [NOT_CHOSEN, *((one, categories.LABELS[one]) for one in known)]

    def given(self) -> ContactInput:
        """What was entered. Call when the form is valid."""
        return ContactInput(**self.cleaned_data)


class QuarterForm(forms.Form):
    """A quarter to return."""

    quarter = forms.CharField(label=_("Quarter"), max_length=7, help_text=_("Such as 2026-Q3."))


class EnterVoiceForm(forms.Form):
    """What a survivor said in person."""

    text = text_field(_("Wish for a change"), help_text=_("In the survivor's words, without a name."))
    consent = forms.ChoiceField(label=_("Consent of the survivor"), choices=InputConsent.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class ChangeForm(forms.Form):
    """What changed because of an input."""

    effect = forms.ChoiceField(label=_("Effect"), choices=[NOT_CHOSEN, *InputEffect.choices])
    text = text_field(_("The change, or the reason for none"), help_text=_("The survivor reads it."))
    meeting = forms.ChoiceField(label=_("Meeting with the platform"), required=False)

    def __init__(self, meetings: list[PlatformMeeting], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["meeting"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [NOT_CHOSEN, *((str(one.pk), f"{one.held_on:%Y-%m-%d} {one.title}") for one in meetings)]

    def meeting_id(self) -> UUID | None:
        """The chosen meeting. Call when the form is valid."""
        return UUID(self.cleaned_data["meeting"]) if self.cleaned_data["meeting"] else None


class MeetingForm(forms.Form):
    """A meeting with the Victims' Rights Platform."""

    held_on = forms.DateField(label=_("Day"), widget=DAY)
    title = forms.CharField(label=_("Subject"), max_length=200)
    outcome = forms.CharField(label=_("Result"), max_length=1000, widget=forms.Textarea, required=False)
