"""Form of a review of a source of errors."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.redress.ledger.reviews import RESULTS
from tutela.redress.web.forms.fields import text_field


class ReviewForm(forms.Form):
    """Result of a review of a source."""

    result = forms.ChoiceField(label=_("Result"), choices=[("", "—"), *RESULTS.items()])
    text = text_field(_("Review and its grounds"))
