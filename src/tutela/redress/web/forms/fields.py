"""Fields that forms of redress share."""

from __future__ import annotations

from typing import Any

from django import forms

from tutela.redress.complaints import rows

NOTE = forms.Textarea(attrs={"rows": 4})
WHEN = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def text_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A text of several lines."""
    most = rows.MOST_CHARACTERS
    return forms.CharField(label=label, max_length=most, widget=NOTE, required=required, help_text=help_text)
