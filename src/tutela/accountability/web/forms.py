"""Event search form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.events.purposes import VOCABULARY


class SearchForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), required=False, help_text=_("Enter kind:id, a kind or an id"))
    actor = forms.CharField(label=_("Actor"), required=False)
    kind = forms.CharField(label=_("Event"), required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), required=False)
    since = forms.DateTimeField(
        label=_("From"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        label=_("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = (
            VOCABULARY[kind] if kind != "auditor" else {k: v for part in VOCABULARY.values() for k, v in part.items()}
        )
        self.fields["purpose"].choices = [("", _("all")), *words.items()]  # type: ignore[attr-defined]
