"""Errors that every domain shares.

The docstring is the message; `app` maps errors to answers once, at the boundary.

A message is a text of the catalogue, translated when it is shown. Variable parts are placeholders in braces, given by
name: `Invalid("The name must have 1 to {most} characters.", field="name", most=160)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def _as_it_is(text: str) -> str:
    return text


# Set by the app package of a node; the small install speaks English.
_translate: Callable[[str], str] = _as_it_is


def translate_with(translate: Callable[[str], str]) -> None:
    """From now on every message is looked up with this before it is shown."""
    global _translate
    _translate = translate


# What a stored code of an error begins with.
CODE = "error."


class TutelaError(Exception):
    """This action could not be completed."""

    status = 400
    field: str | None = None
    # What a program knows it by (RFC 9457, "type"), where the status alone does not tell.
    type = "about:blank"

    def __init__(self, message: str | None = None, *, field: str | None = None, **values: object) -> None:
        self.message = message or " ".join((type(self).__doc__ or "").split())
        self.values = values
        self.field = field or self.field
        super().__init__(self.message)

    def __str__(self) -> str:
        text = _translate(self.message)
        return text.format(**self.values) if self.values else text

    @property
    def code(self) -> str:
        """The name under which a row keeps this error, with its values; `text_of_error` gives the text."""
        return f"{CODE}{type(self).__name__}"

    @property
    def stored_values(self) -> dict[str, str | int]:
        """The values as a row stores them with the code."""
        return {name: one if isinstance(one, int) else str(one) for name, one in self.values.items()}


def text_of_error(code: str, values: Mapping[str, Any]) -> str:
    """The text of a stored error for the reader; the code itself if this version does not know it."""
    found = _find(TutelaError, code.removeprefix(CODE))
    return str(found(None, **values)) if found else code


def _find(base: type[TutelaError], name: str) -> type[TutelaError] | None:
    if base.__name__ == name:
        return base
    return next((found for one in base.__subclasses__() if (found := _find(one, name))), None)


class NotFound(TutelaError):
    """Nothing was found, or you may not see it."""

    status = 404


class Forbidden(TutelaError):
    """Your role does not include this action."""

    status = 403


class Invalid(TutelaError):
    """A field has an invalid value. Correct it."""

    status = 422


class Conflict(TutelaError):
    """Somebody else changed this in the meantime. Check the changes before you decide."""

    status = 409


class PurposeRequired(TutelaError):
    """This access needs a purpose. Choose one from your organisation's list of purposes."""

    status = 422
    field = "purpose"
