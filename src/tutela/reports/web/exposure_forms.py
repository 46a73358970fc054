"""Forms for the daily viewing budget."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.casework.exposure.stop import REASONS
from tutela.casework.exposure.terms import MOST_OPENINGS


class TermsForm(forms.Form):
    budget = forms.IntegerField(
        label=_("Recommended limit: reports per day"),
        min_value=1,
        max_value=MOST_OPENINGS,
        help_text=_("A break is suggested from this number on. No report is closed."),
    )
    stop = forms.IntegerField(
        label=_("Daily limit: reports per day"),
        min_value=1,
        max_value=MOST_OPENINGS,
        help_text=_(
            "From this number on, a report opens only with a chosen reason or on the next day. "
            "Urgent reports always open."
        ),
    )
    in_a_row = forms.IntegerField(
        label=_("Reports in a row"),
        min_value=1,
        max_value=MOST_OPENINGS,
        help_text=_("A break is suggested after this many reports without a 15-minute pause."),
    )


class BeyondForm(forms.Form):
    beyond = forms.ChoiceField(
        label=_("Why you open this report today"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why you open this report today.")},
    )
