"""Pages for people who worry about their thoughts or behaviour, for relatives, and for who works with children.

No form, no cookie: no request carries an answer. What a reader chooses or types stays in the memory of the page, and a
form could not send it anywhere. Templates are rendered without the request. Visits are counted so that they identify
nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csp import csp_override

from tutela import clock
from tutela.casework.public_languages import catalogue, names
from tutela.casework.public_languages.catalogue import Shown
from tutela.casework.public_languages.page_language import speaking
from tutela.casework.web.anonymous_pages import POLICY
from tutela.casework.web.public_frame import frame
from tutela.events.errors import NotFound
from tutela.organisations.web.page_access import public
from tutela.prevention.hub import public_pages
from tutela.prevention.models import AuthoredText, TextKind
from tutela.prevention.signposts import authored_texts, pathway, self_check, services, visits
from tutela.prevention.signposts.pathway import CountryPath

# Stricter than the public forms: nothing of these pages is ever sent.
NOTHING_SENT = POLICY | {"form-action": ["'none'"], "connect-src": ["'none'"]}
type Context = Callable[[str], dict[str, Any]]


def _voice(voice: str) -> Context:
    def context(language: str) -> dict[str, Any]:
        today = clock.now().date()
        return {"voice": voice, "offers": [_offer(one, language, today) for one in services.find(voice)]}

    return context


def _offer(offer: services.HelpOffer, language: str, today: date) -> dict[str, Any]:
    """A service with its countries and languages as the page's language names them. A country outside has its code."""
    known = dict(names.countries(language))
    return {
        "service": offer,
        "countries": ", ".join(known.get(one, one) for one in offer.countries),
        "languages": ", ".join(names.language_name(language, one) for one in offer.languages),
        "old": offer.is_old(today),
    }


def _countries(language: str) -> list[tuple[str, CountryPath]]:
    """Names of the countries, as the page's language has them, with what is known of each."""
    found = [(names.country(language, one.code), one) for one in pathway.countries()]
    return sorted(found, key=lambda pair: pair[0].casefold())


def _said(language: str, sentence: str) -> Shown:
    """A sentence as a page in this language may show it."""
    return catalogue.say(language, catalogue.by_sentence()[sentence], drafts=settings.DEMO)


def _nothing(_language: str) -> dict[str, Any]:
    return {}


def _duty(language: str) -> dict[str, Any]:
    return {"countries": _countries(language)}


def _early_signs(language: str) -> dict[str, Any]:
    return {
        "roles": [(code, _said(language, label), _said(language, advice)) for code, label, advice in pathway.ROLES],
        "concerns": [
            (code, _said(language, label), [_said(language, one) for one in steps])
            for code, label, steps in pathway.CONCERNS
        ],
        "never": [_said(language, one) for one in pathway.NEVER],
        "countries": _countries(language),
        "signs": _texts(TextKind.SIGNS, language),
        "parents": _texts(TextKind.PARENTS, language),
    }


def _organisations(_language: str) -> dict[str, Any]:
    return {
        "standards": self_check.STANDARDS,
        "due_days": self_check.DUE_DAYS,
        "due_critical_days": self_check.DUE_CRITICAL_DAYS,
        "again_days": self_check.AGAIN_DAYS,
    }


def _code(_language: str) -> dict[str, Any]:
    return {"clauses": self_check.CLAUSES}


def _teaching(language: str) -> dict[str, Any]:
    return {"lessons": _texts(TextKind.LESSON, language)}


def _workbook(language: str) -> dict[str, Any]:
    return {"pages": _texts(TextKind.WORKBOOK, language)}


# Address of each page, with its template and what it shows.
PAGES: dict[str, tuple[str, Context]] = {
    "": ("start", _nothing),
    "duty": ("duty", _duty),
    "adult": ("voice", _voice("adult")),
    "young": ("voice", _voice("young")),
    "relative": ("voice", _voice("relative")),
    "early-signs": ("early_signs", _early_signs),
    "organisations": ("organisations", _organisations),
    "code-of-conduct": ("code", _code),
    "teaching": ("teaching", _teaching),
    "workbook": ("workbook", _workbook),
}


@public()
@csp_override(NOTHING_SENT)
def show(request: HttpRequest, language: str, topic: str = "") -> HttpResponse:
    """One page. What a visitor chose is a link; nothing is asked."""
    if language not in catalogue.CODES or topic not in PAGES:
        raise Http404
    template, context_of = PAGES[topic]
    _count(topic or "start")
    shared = frame(language, "worried_page", topic) if topic else frame(language, "worried")
    with speaking(language):
        answer = HttpResponse(render_to_string(f"prevention/worried/{template}.html", context_of(language) | shared))
        answer.headers["Content-Language"] = language
        return answer


def _texts(kind: str, language: str) -> list[AuthoredText]:
    """Texts of professionals; none on a node without a Centre."""
    try:
        return public_pages.of_centre(lambda _actor: authored_texts.public_texts(kind, language))
    except NotFound:
        return []


def _count(page: str) -> None:
    """Count the visit, and write the days that ended. A node without a Centre keeps no count."""
    ended = visits.count(page)
    if not ended:
        return
    try:
        public_pages.of_centre(lambda actor: visits.keep(actor, ended))
    except NotFound:
        return
