"""Errors that every domain shares. The docstring is the message; `app` maps them once, at the boundary."""

from __future__ import annotations


class TutelaError(Exception):
    """Something could not be done."""

    status = 400
    field: str | None = None

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.field = field or self.field


class NotFound(TutelaError):
    """There is nothing here, or nothing that you may see."""

    status = 404


class Forbidden(TutelaError):
    """Your role does not include this action."""

    status = 403


class Invalid(TutelaError):
    """A field has a value that cannot be used."""

    status = 422


class Conflict(TutelaError):
    """Somebody else changed this meanwhile; look again before you decide."""

    status = 409


class PurposeRequired(TutelaError):
    """This access needs a purpose of your organisation's vocabulary."""

    status = 422
    field = "purpose"
