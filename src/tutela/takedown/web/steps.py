"""One step on a page: do it, say what happened, and go on where the person was."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from tutela.events.errors import NotFound, TutelaError


def done(request: HttpRequest, to: HttpResponseBase, work: Callable[[], object], text: object = "") -> HttpResponseBase:
    """Do the work and answer `to`, where its error or `text` is shown. What is not there is a 404.

    Without a text, what the work returns is shown, if it is not empty.
    """
    try:
        said = work()
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        if text or said:
            messages.success(request, str(text or said))
    return to


def refused(request: HttpRequest, to: HttpResponseBase, form: forms.Form) -> HttpResponseBase:
    """Answer `to`, where it is shown which field is wrong, and why."""
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        for error in errors:
            messages.error(request, f"{label}: {error}" if label else str(error))
    return to


def to_case(case: UUID) -> HttpResponseBase:
    """The page of a hotline's case."""
    return redirect("takedown_case", case)


def to_notice(hosting: UUID) -> HttpResponseBase:
    """The page of a notice that a host received."""
    return redirect("hosting_notice", hosting)
