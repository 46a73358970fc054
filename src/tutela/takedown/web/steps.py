"""One step on a case: do it, say what happened, and show the case again."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from tutela.events.errors import NotFound, TutelaError


def done(request: HttpRequest, case: UUID, work: Callable[[], object], text: object) -> HttpResponseBase:
    """Do the work; its error or `text` stands on the case's page. A case that is not there is a 404."""
    try:
        work()
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(text))
    return redirect("takedown_case", case)


def refused(request: HttpRequest, case: UUID, form: forms.Form) -> HttpResponseBase:
    """Say which field is wrong, and why."""
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        for error in errors:
            messages.error(request, f"{label}: {error}" if label else str(error))
    return redirect("takedown_case", case)
