"""Forms of information requests. None takes a file: a proof of identity is seen, never stored."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tutela.victims.information import authority_holds, identity
from tutela.victims.information.intake import InformationInput
from tutela.victims.information.items import FactInput
from tutela.victims.information.representation import WishInput
from tutela.victims.information.work_queue import InformationView
from tutela.victims.models import AgeBand, Asker, ChildWishKind, Notify, Removed
from tutela.victims.web.forms import DAY, NOT_CHOSEN, WHEN, text_field

YES_NO = (("yes", _("yes")), ("no", _("no")))
NOTIFY_BY_LETTER = [
    (code, _("tell me by letter when my pictures are seen again") if code == Notify.NOTIFY else label)
    for code, label in Notify.choices
]


class EnterInformationForm(forms.Form):
    """A request that came by letter or telephone."""

    asker = forms.ChoiceField(label=_("Who asks"), choices=[NOT_CHOSEN, *Asker.choices])
    received_at = forms.DateTimeField(label=_("Received"), widget=WHEN)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    text = text_field(_("Question of the person"), help_text=_("No name of the person, and no picture."))
    notify = forms.ChoiceField(
        label=_("Future sightings"),
        choices=NOTIFY_BY_LETTER,
        help_text=_("The choice of the person in the pictures. Nobody chooses for them."),
    )

    def given(self) -> InformationInput:
        """What was entered. Call when the form is valid."""
        return InformationInput(**self.cleaned_data)


class IdentityForm(forms.Form):
    """How identity was proved."""

    method = forms.ChoiceField(
        label=_("Proof"), choices=[NOT_CHOSEN, *((code, said[0]) for code, said in identity.METHODS.items())]
    )
    proved = forms.ChoiceField(label=_("Identity proved"), choices=YES_NO, widget=forms.RadioSelect)


class ItemsForm(forms.Form):
    """Items that the request names."""

    text = text_field(_("Items"), help_text=_("One a line: a hash or an address."))


class OwnForm(forms.Form):
    """Whether an item shows the person."""

    place = forms.IntegerField(widget=forms.HiddenInput)
    own = forms.ChoiceField(label=_("The item is of this person"), choices=YES_NO, widget=forms.RadioSelect)


class FactForm(forms.Form):
    """What is known of an own item."""

    place = forms.ChoiceField(label=_("Item"))
    provider = forms.CharField(label=_("Provider that reported it"), max_length=200)
    reported_on = forms.DateField(label=_("Reported on"), widget=DAY)
    forwarded_to = forms.CharField(label=_("Forwarded to"), max_length=400, required=False)
    removed = forms.ChoiceField(label=_("Removal"), choices=[NOT_CHOSEN, *Removed.choices])

    def __init__(self, full: InformationView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.place), f"{one.place}: {one.named[:40]}") for one in full.items if one.own]

    def given(self) -> FactInput:
        """What was entered. Call when the form is valid."""
        return FactInput(**{**self.cleaned_data, "place": int(self.cleaned_data["place"])})


class ChildWishForm(forms.Form):
    """The child's own wish."""

    wish = forms.ChoiceField(label=_("Wish of the child"), choices=ChildWishKind.choices, widget=forms.RadioSelect)
    age_band = forms.ChoiceField(label=_("Age"), choices=[NOT_CHOSEN, *AgeBand.choices])
    maturity = text_field(_("How you considered maturity"))
    heard_alone = forms.BooleanField(label=_("The child was heard alone"), required=False)

    def given(self) -> WishInput:
        """What was entered. Call when the form is valid."""
        return WishInput(**self.cleaned_data)


class ConflictForm(forms.Form):
    """Whether a conflict of interest is excluded."""

    excluded = forms.ChoiceField(label=_("Conflict of interest is excluded"), choices=YES_NO, widget=forms.RadioSelect)
    ground = text_field(_("Reason"))


class AskerForm(forms.Form):
    """For whom somebody acts who said to be the person in the pictures."""

    asker = forms.ChoiceField(
        label=_("Who asks is"), choices=[NOT_CHOSEN, *(one for one in Asker.choices if one[0] != Asker.SELF)]
    )
    ground = text_field(_("Reason"))


class NeutralForm(forms.Form):
    """Why the answer is the neutral one."""

    reason = text_field(_("Reason, for the file alone"))


class RequestHoldForm(forms.Form):
    """A hold that an authority asked for."""

    authority = forms.ChoiceField(label=_("Authority"))
    last_day = forms.DateField(label=_("Last day"), widget=DAY)
    reason = text_field(_("Reason and reference"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["authority"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [NOT_CHOSEN, *((str(one.id), one.name) for one in authority_holds.authorities())]

    def authority_id(self) -> UUID:
        """The chosen authority. Call when the form is valid."""
        return UUID(self.cleaned_data["authority"])
