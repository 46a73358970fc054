"""Forms of data subjects: request, identity, answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.redress.data_subjects.answers import KINDS, AnswerInput
from tutela.redress.data_subjects.requests import LED_RIGHTS, PARTS, RequestInput, RequestView
from tutela.redress.models import Ground, Regime, RequestStepKind, Right
from tutela.redress.web.forms.fields import WHEN, text_field


def case_field() -> forms.CharField:
    """The number of the case that a request is about."""
    return forms.CharField(
        label=_("Number of the case"),
        max_length=40,
        required=False,
        help_text=_("The report, referral or complaint that it is about. A hold on it limits the answer."),
    )


class RequestForm(forms.Form):
    """A request of a data subject."""

    regime = forms.ChoiceField(label=_("Act"), choices=Regime.choices)
    right = forms.ChoiceField(label=_("Right"), choices=Right.choices)
    received_at = forms.DateTimeField(label=_("Received"), widget=WHEN)
    authority = forms.CharField(
        label=_("Supervisory authority"),
        max_length=200,
        required=False,
        help_text=_("For a request through the authority (LED Art. 17)."),
    )
    reference = forms.CharField(label=_("Its reference"), max_length=80, required=False)
    about = case_field()
    language = forms.ChoiceField(label=_("Language of the person"), choices=settings.LANGUAGES)
    text = text_field(_("Text of the request"))

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if actor.organisation_kind not in ("authority", "coordinating_authority", "europol"):
            del self.fields["authority"], self.fields["reference"]
            del self.fields["regime"]
        else:
            right = self.fields["right"]
            assert isinstance(right, forms.ChoiceField)
            right.choices = [(one.value, one.label) for one in LED_RIGHTS]

    def given(self) -> RequestInput:
        """What was entered. Call when the form is valid."""
        return RequestInput(**{"regime": Regime.GDPR.value, **self.cleaned_data})


class AnswerRequestForm(forms.Form):
    """The answer to a request."""

    kind = forms.ChoiceField(label=_("Answer"), widget=forms.RadioSelect)
    ground = forms.ChoiceField(label=_("Ground"), choices=[("", "—"), *Ground.choices], required=False)
    held = text_field(_("Data held"), required=False, help_text=_("For a request for access, as the next three."))
    source = text_field(_("Source of the data"), required=False)
    recipients = text_field(_("Recipients"), required=False)
    retention = text_field(_("Retention period"), required=False)
    text = text_field(_("Text of the answer"), help_text=_("Of a refusal: the reasons, for the file alone."))

    def __init__(self, full: RequestView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        indirect = bool(full.row.authority)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kinds = [one for one in KINDS if (one == RequestStepKind.VERIFIED) == indirect]
        kind.choices = [(one.value, RequestStepKind(one).label) for one in kinds]
        if indirect:
            for name in ("ground", *PARTS):
                del self.fields[name]
            self.initial.setdefault("kind", RequestStepKind.VERIFIED.value)

    def given(self) -> AnswerInput:
        """What was entered. Call when the form is valid."""
        return AnswerInput(**self.cleaned_data)


class CaseForm(forms.Form):
    """The case that a request is about."""

    about = case_field()


class NoteForm(forms.Form):
    """A text."""

    text = text_field(_("Text"))
