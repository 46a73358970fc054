"""Forms about how much somebody reads in a day."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.casework.exposure.stop import REASONS
from tutela.casework.exposure.terms import MOST


class TermsForm(forms.Form):
    budget = forms.IntegerField(
        label=_("Budget: reports a day"),
        min_value=1,
        max_value=MOST,
        help_text=_("From here on a break is suggested. Nothing is closed."),
    )
    stop = forms.IntegerField(
        label=_("Stop: reports a day"),
        min_value=1,
        max_value=MOST,
        help_text=_("From here on a report opens only for a reason that is chosen, or the next day. Urgent ones open."),
    )
    in_a_row = forms.IntegerField(
        label=_("In a row"),
        min_value=1,
        max_value=MOST,
        help_text=_("After so many without a quarter of an hour between two of them a break is suggested."),
    )


class BeyondForm(forms.Form):
    beyond = forms.ChoiceField(
        label=_("Why you open it today"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say why you open it today.")},
    )
