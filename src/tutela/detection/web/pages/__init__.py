"""Pages of the provider desk, kept thin: parse, call one capability, render."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from pydantic import ValidationError

from tutela.detection.drafts.drafts import Unusable
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.message.problem import in_words


def attempt[T](request: HttpRequest, capability: Callable[[], T]) -> T | None:
    """Call a capability and show its error, if any, as a message. `NotFound` stays a 404."""
    try:
        return capability()
    except NotFound:
        raise
    except ValidationError as error:
        messages.error(request, in_words(error))
    except TutelaError as error:
        messages.error(request, str(error))
    return None


def tell(form: forms.Form, error: TutelaError) -> None:
    """Add a capability's error to the form field that it names."""
    if isinstance(error, Unusable):
        for one in error.errors:
            form.add_error(None, f"{one.field}: {one.reason}" if one.field else one.reason)
        return
    form.add_error(error.field if error.field in form.fields else None, str(error))


def text_file(name: str, text: str, language: str) -> HttpResponse:
    """A text in a language, to be kept."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Language": language}
    return HttpResponse(text.encode(), content_type="text/plain; charset=utf-8", headers=headers)
