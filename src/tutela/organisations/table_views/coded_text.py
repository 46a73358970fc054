"""Texts of stored codes in lists and files, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from tutela.exchange.message.translatable_text import TextCode, filled


def coded_text(family: type[TextCode], code: str, values: Mapping[str, object]) -> str:
    """The text of a code with its values; what is no code of the family is a person's words, and stays as it is."""
    return filled(gettext(family(code).text), values) if code in family else code
