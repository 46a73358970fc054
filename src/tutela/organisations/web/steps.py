"""One step on a page: do it, say what happened, and go on where the person was."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase

from tutela.events.errors import NotFound, TutelaError


def done(request: HttpRequest, to: HttpResponseBase, work: Callable[[], object], text: object) -> HttpResponseBase:
    """Do the work and answer `to`, where its error or `text` is shown. What is not there is a 404."""
    try:
        work()
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(text))
    return to


def by_form(
    request: HttpRequest, to: HttpResponseBase, form: forms.Form, work: Callable[[], object], text: object
) -> HttpResponseBase:
    """As `done`, if the form is valid; otherwise answer `to`, where it is shown which field is wrong, and why."""
    if form.is_valid():
        return done(request, to, work, text)
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        for error in errors:
            messages.error(request, f"{label}: {error}" if label else str(error))
    return to


def saved(form: forms.Form, work: Callable[[], object]) -> object | None:
    """What the work returns, if the form is valid; otherwise None, with the error on its field."""
    if not form.is_valid():
        return None
    try:
        return work()
    except NotFound:
        raise
    except TutelaError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
