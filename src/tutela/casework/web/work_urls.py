"""URLs of shared work on one kind of case, for the URLs of its domain: each with the permission of the kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from tutela.casework.assignment.subjects import WorkSubject
from tutela.casework.web import work_pages
from tutela.events.actor import Actor
from tutela.organisations.web.page_access import action, page


def work_urls(subject: WorkSubject) -> list[URLPattern]:
    """The pages of a kind of case. The address names the case as the other pages of its domain do."""
    kind, read = subject.kind, subject.read
    case = f"desk/work/{kind}/<uuid:{kind}>"
    found = [
        path(f"{case}/", action(read)(_about(work_pages.step, subject)), name=f"work_step_{kind}"),
        path(f"{case}/viewers/", page(read)(_about(work_pages.viewers, subject)), name=f"work_viewers_{kind}"),
        path(
            f"{case}/notes.json",
            page(subject.disclose)(_about(work_pages.disclosure, subject)),
            name=f"work_notes_{kind}",
        ),
    ]
    if subject.following is not None:
        decide = page(subject.decide[0])
        found += [
            path(f"desk/work/{kind}/next/", decide(_about(work_pages.following, subject)), name=f"work_next_{kind}"),
            path(f"desk/work/{kind}/offer/", decide(_about(work_pages.offer, subject)), name=f"work_offer_{kind}"),
        ]
    return found


def _about(view: Callable[..., HttpResponseBase], subject: WorkSubject) -> Callable[..., HttpResponseBase]:
    def inner(request: HttpRequest, actor: Actor, **case: Any) -> HttpResponseBase:
        return view(request, actor, subject, *case.values())

    return update_wrapper(inner, view)
