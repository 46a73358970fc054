"""Public help: pages of the catalogue, the help finder, duties to report, the way out. No cookie, no database needed.

Templates are rendered without the request, so that nothing of it reaches a page. The first page alone reads which
languages the browser wishes; every other page has its language in its address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Concatenate

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csp import csp_override

from tutela import clock
from tutela.casework.public_languages import catalogue, names
from tutela.casework.public_languages.catalogue import Shown
from tutela.casework.public_languages.page_language import speaking
from tutela.casework.web import anonymous_pages
from tutela.casework.web.anonymous_pages import POLICY
from tutela.casework.web.public_frame import wished
from tutela.organisations.web.page_access import public
from tutela.victims.public.help_finder import find, services
from tutela.victims.public.voices import journey, lessons
from tutela.victims.public.voices.pages import HelpChoice, HelpPage
from tutela.victims.web import help_services

type View[**P] = Callable[Concatenate[HttpRequest, str, P], HttpResponse]
# Numbers that stand on every page of danger, with the key of what they are.
CALLS = (("112", "112", "emergency"), ("116 111", "116111", "child_line"), ("116 000", "116000", "missing_line"))


@cache
def pages() -> dict[str, HelpPage]:
    """All pages by their address after the language."""
    return journey.pages() | lessons.pages()


def _page[**P](view: View[P]) -> Callable[..., HttpResponse]:
    """A public page in a language of the catalogue."""

    @wraps(view)
    def inner(request: HttpRequest, language: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        known = language in catalogue.CODES
        answer = view(request, language, *args, **kwargs) if known else _unknown(catalogue.SOURCE)
        answer.headers["Content-Language"] = language if known else catalogue.SOURCE
        return answer

    guarded: Callable[..., HttpResponse] = public()(csp_override(POLICY)(inner))
    return guarded


@public()
@csp_override(POLICY)
def first(request: HttpRequest) -> HttpResponse:
    """The first page in the language that the browser wishes most. Its links have the language in their address."""
    code = wished(request)
    answer = _shown(code, "", pages()[""])
    answer.headers["Content-Language"] = code
    return answer


@_page
def not_found(request: HttpRequest, language: str) -> HttpResponse:
    """Answer of a public address that does not exist, for the whole site."""
    return _unknown(language)


@_page
def show(request: HttpRequest, language: str, address: str = "") -> HttpResponse:
    """One page of the catalogue."""
    place = address.strip("/")
    return _shown(language, place, pages()[place]) if place in pages() else _unknown(language)


@_page
def help_finder(request: HttpRequest, language: str) -> HttpResponse:
    """Services that fit what the visitor chose, which the answer alone knows."""
    countries = names.countries(language)
    wanted = find.read(request.GET.dict(), [code for code, _name in countries], catalogue.CODES)
    say = _texts(language)
    found = [_service(one, language) for one in find.find(wanted, help_services.finder())]
    context = {
        "wanted": wanted,
        "countries": countries,
        "speaks": [(one.code, one.name) for one in catalogue.languages()],
        "ages": [(one, say[f"age_{one}"]) for one in services.AGES],
        "needs": [(one, say[f"need_{one}"]) for one in services.NEEDS],
        "channels": [(one, say[f"channel_{one}"]) for one in services.CHANNELS],
        "found": found,
        "local": any(one["service"].country != services.UNION for one in found),
    }
    return _rendered("find", language, "find", HelpPage("find_title", calls=True), context)


@_page
def duties(request: HttpRequest, language: str) -> HttpResponse:
    """Who must report in each country, as an old public source says."""
    say = _texts(language)
    known = services.duty("")
    found = [(name, services.duty(code)) for code, name in names.countries(language)]
    # A rule that is newer than the source of all others has a source and a day of its own.
    rows = [(name, say[f"duty_{one.who}"], one if one.source != known.source else None) for name, one in found]
    page = HelpPage("duty_title", ("duty_intro", "duty_short", "duty_old"), (HelpChoice("continue", ""),))
    return _rendered("duties", language, "duties", page, {"rows": rows, "duty": known})


@_page
def leave(request: HttpRequest, language: str) -> HttpResponse:
    """Leave for a neutral page; the browser is asked to forget what it kept of this site."""
    answer: HttpResponse = anonymous_pages.leave(request, language)
    return answer


def _service(service: services.Service, language: str) -> dict[str, Any]:
    """A service with what its row shows."""
    return {
        "service": service,
        "country": names.country(language, service.country),
        "languages": ", ".join(names.language_name(language, one) for one in service.languages),
        "hours": _spans(service.hours, language),
        "chat_hours": _spans(service.chat_hours, language),
        "stale": service.stale(clock.now().date()),
    }


def _spans(spans: tuple[services.Span, ...], language: str) -> str:
    """Weekdays and times of day."""
    said = []
    for begin, end, opens, closes in spans:
        days = names.weekday(language, begin)
        if end != begin:
            days = f"{days}–{names.weekday(language, end)}"
        said.append(f"{days} {opens}–{closes}")
    return ", ".join(said)


def _texts(language: str) -> dict[str, Shown]:
    """All sentences as a page in this language shows them. Drafts are shown in the demonstration only."""
    keys = catalogue.language(catalogue.SOURCE).texts
    return {key: catalogue.say(language, key, drafts=settings.DEMO) for key in keys}


def _shown(language: str, address: str, page: HelpPage) -> HttpResponse:
    """A page of the catalogue with the services of this node that it leads to."""
    return _rendered("page", language, address, page, {})


def _unknown(language: str) -> HttpResponse:
    """Of an address that is mistyped: the first page, with its numbers and its way out."""
    answer = _shown(language, "", pages()[""])
    answer.status_code = 404
    return answer


def _rendered(name: str, language: str, address: str, page: HelpPage, more: dict[str, Any]) -> HttpResponse:
    say = _texts(language)
    ways = _ways(language, page, say)
    used = [page.heading, *page.sentences, *page.after, *(key for one in page.sections for key in one.sentences)]
    context = {
        "say": say,
        "page": page,
        "heading": say[page.heading],
        "steps": [(say[key], symbol) for key, symbol in page.steps],
        "listed": [say[key] for key in page.listed],
        "after": [say[key] for key in page.after],
        "sections": [(say[one.heading], [say[key] for key in one.sentences]) for one in page.sections],
        "links": [one for one in ways if one["to"]],
        "closed": any(not one["to"] for one in ways),
        "language": catalogue.language(language),
        "languages": [(one, _address(one.code, address, {})) for one in catalogue.languages()],
        "calls": [(shown, number, say[key]) for shown, number, key in CALLS],
        "on_call": help_services.on_call() if address == "danger" else None,
        "drafts": any(say[key].draft for key in used),
        "law_source": lessons.LAW_SOURCE if address == "learn/law" else "",
        "start": _address(language, "", {}),
        "first": not address,
    }
    with speaking(language):
        return HttpResponse(render_to_string(f"victims/public/{name}.html", context | more))


def _ways(language: str, page: HelpPage, say: dict[str, Shown]) -> list[dict[str, Any]]:
    """The choices of a page, each with its address; empty where this node does not offer the service."""
    offered = help_services.offered(language) if any(one.to.startswith(":") for one in page.choices) else {}
    return [
        {
            "to": _address(language, one.to, offered),
            "text": say[one.text],
            "note": say[one.note] if one.note else None,
            "symbol": one.symbol,
        }
        for one in page.choices
    ]


def _address(language: str, to: str, offered: dict[str, str]) -> str:
    """Address of a page in a language, or of a service of this node; empty where the node does not offer it."""
    if to.startswith(":"):
        return offered.get(to, "")
    routes = {"find": "help_find", "duties": "help_duties", "": "help_language"}
    place, mark, asked = to.partition("?")
    if place in routes:
        return reverse(routes[place], args=[language]) + mark + asked
    return reverse("help_page", args=[language, to])
