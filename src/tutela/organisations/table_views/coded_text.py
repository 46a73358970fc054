"""Texts of stored codes in lists and files, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from tutela.events.errors import CODE, text_of_error
from tutela.exchange.message.translatable_text import TextCode, filled


def coded_text(family: type[TextCode], code: str, values: Mapping[str, object]) -> str:
    """The text of a code with its values, or of an error; anything else is a person's words, and stays as it is."""
    if code.startswith(CODE):
        return text_of_error(code, values)
    return filled(gettext(family.text_of(code)), values) if code in family else code
