"""Public hub: search, programmes, studies, coverage, the published rule, and files. No cookie, no sign-in.

Templates are rendered without the request, so that nothing of it reaches a page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csp import csp_override

from tutela.casework.public_languages import catalogue
from tutela.casework.web.anonymous_pages import POLICY
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.organisations.web.page_access import page_number, public
from tutela.prevention.evidence_grades import cases
from tutela.prevention.hub import citations, public_pages, search
from tutela.prevention.loop import briefs, questions
from tutela.prevention.models import DesignName, GradeName, HubEntry, ProgrammeStatus, Setting, Stage, Target
from tutela.prevention.network import groups, members, relief, research_map, voices

MOST_EXPORTED = 500

type View[**P] = Callable[Concatenate[HttpRequest, str, P], HttpResponse]


def _page[**P](view: View[P]) -> Callable[..., HttpResponse]:
    """A public page in a language of the interface; none on a node without a Centre.

    A language of other public pages leads to the page in the node's own language.
    """

    @wraps(view)
    def inner(request: HttpRequest, language: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if language not in dict(settings.LANGUAGES):
            if language not in catalogue.CODES:
                raise Http404
            return redirect(_in_own_language(request))
        with translation.override(language):
            try:
                answer = view(request, language, *args, **kwargs)
            except NotFound as error:
                raise Http404 from error
            answer.headers["Content-Language"] = language
            return answer

    guarded: Callable[..., HttpResponse] = public()(csp_override(POLICY)(inner))
    return guarded


@public()
def choose_language(request: HttpRequest) -> HttpResponse:
    """Lead to the hub in the node's own language."""
    return redirect("hub", language=settings.LANGUAGE_CODE)


@_page
def find(request: HttpRequest, language: str) -> HttpResponse:
    """Programmes and studies that fit, harm and no effect first."""
    wanted = search.read(request.GET.dict(), request.GET.get("speaks", language)[:2], page_number(request))
    shown = public_pages.of_centre(lambda _actor: search.search(wanted))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "wanted": wanted,
        "found": shown,
        "query": query.urlencode(),
        "previous": wanted.page - 1,
        "next": wanted.page + 1,
        "kinds": HubEntry._meta.get_field("kind").choices,
        "stages": Stage.choices,
        "targets": Target.choices,
        "settings_of": Setting.choices,
        "grades": GradeName.choices,
        "designs": DesignName.choices,
        "states": ProgrammeStatus.choices,
    }
    return _shown("find", language, "hub", [], context)


@_page
def programme(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """A programme with its grades, results and plots."""
    return _shown("programme", language, "hub_programme", [slug], {"shown": public_pages.programme(slug)})


@_page
def study(request: HttpRequest, language: str, study: UUID) -> HttpResponse:
    """A study with its results."""
    return _shown("study", language, "hub_study", [study], {"shown": public_pages.study(study)})


@_page
def coverage(request: HttpRequest, language: str) -> HttpResponse:
    """Coverage by country and stage."""
    target = request.GET.get("target", "")
    target = target if target in Target.values else ""
    context = {"rows": public_pages.grid(target), "target": target, "targets": Target.choices, "stages": Stage.choices}
    return _shown("coverage", language, "hub_coverage", [], context)


@_page
def rule(request: HttpRequest, language: str) -> HttpResponse:
    """The published rule with all of its cases."""
    return _shown("rule", language, "hub_rule", [], {"cases": cases.read(), "grades": GradeName.choices})


@_page
def overdue(request: HttpRequest, language: str) -> HttpResponse:
    """Registered studies that owe their results."""
    return _shown("overdue", language, "hub_overdue", [], {"rows": public_pages.overdue_studies()})


@_page
def questions_page(request: HttpRequest, language: str) -> HttpResponse:
    """Questions that wait for research, and those that were answered."""
    rows = public_pages.of_centre(lambda _actor: questions.public_questions())
    return _shown("questions", language, "hub_questions", [], {"rows": rows})


@_page
def briefs_page(request: HttpRequest, language: str) -> HttpResponse:
    """Policy briefs, with the grades that have changed since."""
    rows = public_pages.of_centre(lambda _actor: [(one, briefs.changed_since(one)) for one in briefs.public_briefs()])
    return _shown("briefs", language, "hub_briefs", [], {"rows": rows})


@_page
def network_page(request: HttpRequest, language: str) -> HttpResponse:
    """The network: members by practice and country without names, groups, outputs, views, research map, relief."""

    def work(_actor: Actor) -> dict[str, Any]:
        practices, countries = members.by_practice_and_country()
        return {
            "practices": practices,
            "countries": countries,
            "groups": groups.public_groups(),
            "items": groups.public_items(),
            "views": voices.public_views(),
            "kinds": research_map.public_map(),
            "lines": relief.public_lines(),
        }

    return _shown("network", language, "hub_network", [], public_pages.of_centre(work))


@public()
def export(request: HttpRequest, format: str) -> HttpResponse:  # noqa: A002 - the name in the address
    """Citations of the studies that fit, as a file; or all that fit as JSON."""
    if format not in citations.FORMATS:
        raise Http404
    entries = _matching(request)
    write, content_type = citations.FORMATS[format]
    answer = HttpResponse(write(public_pages.cited(entries)), content_type=f"{content_type}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="studies.{format}"'
    return answer


@public()
def data(request: HttpRequest) -> HttpResponse:
    """Entries that fit, for programs: kind, title, address, language, grade, facets."""
    rows = [
        {
            "kind": one.kind,
            "title": one.title,
            "address": _address(settings.LANGUAGE_CODE, one),
            "language": one.language,
            "grade": one.grade,
            "checked": one.checked,
            "facets": one.facets,
        }
        for one in _matching(request)
    ]
    return JsonResponse({"entries": rows, "most": MOST_EXPORTED})


def _in_own_language(request: HttpRequest) -> str:
    """The same page in the node's own language, with its search."""
    found = request.resolver_match
    assert found is not None
    address = reverse(str(found.url_name), kwargs={**found.kwargs, "language": settings.LANGUAGE_CODE})
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address


def _matching(request: HttpRequest) -> list[HubEntry]:
    wanted = search.read(request.GET.dict(), request.GET.get("speaks", settings.LANGUAGE_CODE)[:2], 1)
    try:
        return public_pages.of_centre(lambda _actor: search.matching(wanted, MOST_EXPORTED))
    except NotFound as error:
        raise Http404 from error


def _address(language: str, one: HubEntry) -> str:
    if one.kind == "programme":
        return settings.PUBLIC_URL + reverse("hub_programme", args=[language, one.address])
    return settings.PUBLIC_URL + reverse("hub_study", args=[language, one.subject_id])


def _shown(name: str, language: str, route: str, parts: list[Any], context: dict[str, Any]) -> HttpResponse:
    shared = {
        "language": language,
        "direction": catalogue.language(language).direction,
        "origin": settings.PUBLIC_URL,
        "languages": [(catalogue.language(one), reverse(route, args=[one, *parts])) for one, _ in settings.LANGUAGES],
    }
    return HttpResponse(render_to_string(f"prevention/public/{name}.html", context | shared))
