"""Repeat a form on a page that asks something before its act: every character of it comes back.

A page writes control characters as text, and a browser ends lines in its own way. So the fields go as JSON in ASCII.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict

NAME = "repeated_form"


def as_field(fields: Iterable[tuple[str, str]]) -> str:
    """The value of a hidden field `repeated_form` for these fields."""
    return json.dumps(list(fields))


def read_fields(value: str) -> list[tuple[str, str]]:
    """The fields in such a value. Raises `BadRequest` if it is none."""
    try:
        return [(_text(name), _text(one)) for name, one in json.loads(value)]
    except (ValueError, TypeError, RecursionError):
        raise BadRequest("The repeated form is damaged.") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half a character is none
    return value


def restore(request: HttpRequest) -> None:
    """Give a form that a page repeated back its fields. Any other form stays as it is."""
    if request.method != "POST" or NAME not in request.POST:
        return
    form = QueryDict(mutable=True, encoding=request.POST.encoding)
    for name, value in read_fields(request.POST[NAME]):
        form.appendlist(name, value)
    for name, values in request.POST.lists():
        if name != NAME:
            form.setlist(name, values)
    form._mutable = False
    request.POST = form  # type: ignore[assignment]  # a form as Django makes it
