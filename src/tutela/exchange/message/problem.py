"""Errors over HTTP: RFC 9457 problem details that name field and reason, and never repeat the input."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationError

from tutela.exchange.message.base import Wire

MEDIA_TYPE = "application/problem+json"


class FieldError(Wire):
    """One field that is wrong, as a path with dots, and why."""

    field: Annotated[str, Field(max_length=500)]
    reason: Annotated[str, Field(max_length=500)]


class Problem(Wire):
    """The body of an error answer. `request_id` is the one to quote."""

    type: Annotated[str, Field(max_length=500)] = "about:blank"
    title: Annotated[str, Field(min_length=1, max_length=200)]
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str, Field(max_length=2000)] | None = None
    instance: Annotated[str, Field(max_length=500)] | None = None
    request_id: Annotated[str, Field(max_length=100)] | None = None
    errors: tuple[FieldError, ...] = ()


def from_validation(error: ValidationError, *, status: int = 422, request_id: str | None = None) -> Problem:
    """The problem for a message that does not fit its model. The values sent stay out of it."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return Problem(
        title="The message does not fit its schema.",
        status=status,
        request_id=request_id,
        errors=tuple(
            FieldError(field=_path(one["loc"]), reason=one["msg"].removeprefix("Value error, ")[:500])
            for one in found[:100]
        ),
    )


def in_words(error: ValidationError) -> str:
    """Validation errors as text for people: each field with its reason, and nothing of the input."""
    return "; ".join(f"{one.field}: {one.reason}" if one.field else one.reason for one in from_validation(error).errors)


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part)[:80] for part in location)[:500]
