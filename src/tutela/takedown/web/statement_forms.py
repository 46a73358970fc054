"""Forms of statements of reasons and of the transparency database."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tutela.exchange.takedown.statement_of_reasons import Automation
from tutela.exchange.takedown.transparency_database import MOST_ANSWER_BYTES
from tutela.exchange.takedown.transparency_schema import CONTENT_TYPES, TERRITORY
from tutela.takedown.host_desk.detail import IncomingView
from tutela.takedown.host_desk.statements import StatementInput

NOTE = forms.Textarea(attrs={"rows": 3})
TYPE_LABELS = {
    "CONTENT_TYPE_APP": _("application"),
    "CONTENT_TYPE_AUDIO": _("sound"),
    "CONTENT_TYPE_IMAGE": _("picture"),
    "CONTENT_TYPE_SYNTHETIC_MEDIA": _("synthetic media"),
    "CONTENT_TYPE_TEXT": _("text"),
    "CONTENT_TYPE_VIDEO": _("video"),
}
AUTOMATION_LABELS = {
    Automation.NONE: _("a person decided"),
    Automation.PARTIALLY: _("partly automated"),
    Automation.FULLY: _("fully automated"),
}


class StatementForm(forms.Form):
    """What a person adds to a decision. Ground and redress come from the notice and the decision."""

    facts = forms.CharField(
        label=_("Facts"),
        max_length=5000,
        widget=NOTE,
        help_text=_("Published. Without addresses and names of persons."),
    )
    provision = forms.CharField(label=_("Legal ground"), max_length=300, help_text=_("Published. Without addresses."))
    explanation = forms.CharField(label=_("Why the content is illegal"), max_length=2000, widget=NOTE)
    content_types = forms.MultipleChoiceField(
        label=_("Type of content"),
        choices=[(one, TYPE_LABELS[one]) for one in CONTENT_TYPES if one in TYPE_LABELS],
        widget=forms.CheckboxSelectMultiple,
    )
    content_date = forms.DateField(
        label=_("Date of the content"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    territory = forms.MultipleChoiceField(
        label=_("Countries of the restriction"),
        choices=[(one, one) for one in TERRITORY],
        initial=TERRITORY,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    automated_detection = forms.BooleanField(label=_("Automated means found the content"), required=False)
    automated_decision = forms.ChoiceField(label=_("Decision"), choices=list(AUTOMATION_LABELS.items()))
    complaint = forms.CharField(label=_("Internal complaint"), max_length=2000, widget=NOTE)
    out_of_court = forms.CharField(label=_("Out-of-court dispute settlement"), max_length=2000, widget=NOTE)
    court = forms.CharField(label=_("Court"), max_length=2000, widget=NOTE)
    language = forms.ChoiceField(label=_("Language"), choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]

    @classmethod
    def about(cls, full: IncomingView) -> StatementForm:
        """The form for a decided notice, filled from the notice and its decision."""
        first = next(iter(full.decisions), None)
        grounds = full.notice.legal_grounds if full.notice else ()
        automated = first is not None and first.automated
        return cls(
            initial={
                "provision": ", ".join(grounds)[:300],
                "complaint": first.redress if first else "",
                "automated_decision": Automation.PARTIALLY if automated else Automation.NONE,
                "language": settings.LANGUAGE_CODE,
            }
        )

    def given(self) -> StatementInput:
        """What was entered."""
        said = self.cleaned_data
        return StatementInput(
            facts=said["facts"],
            provision=said["provision"],
            explanation=said["explanation"],
            content_types=tuple(said["content_types"]),
            content_date=said["content_date"],
            territory=tuple(said["territory"]),
            redress=(said["complaint"], said["out_of_court"], said["court"]),
            language=said["language"],
            automated_detection=said["automated_detection"],
            automated_decision=said["automated_decision"],
        )


class ContactForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address of the user"), max_length=254, help_text=_("Tutela does not store the address.")
    )


class DatabaseAnswerForm(forms.Form):
    status = forms.IntegerField(label=_("Status (HTTP)"), min_value=100, max_value=599)
    body = forms.FileField(label=_("File of the answer (JSON)"), allow_empty_file=True)

    def clean_body(self) -> bytes:
        """The bytes of the file."""
        file = self.cleaned_data["body"]
        if file.size > MOST_ANSWER_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        read: bytes = file.read()
        return read
