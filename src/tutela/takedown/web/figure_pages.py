"""Public figures of takedown: no cookie, no session, and nothing of the request on the page."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from threading import Lock
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.csp import csp_override

from tutela import clock
from tutela.casework.web.anonymous_pages import POLICY
from tutela.organisations.people import directory
from tutela.organisations.web.page_access import public
from tutela.takedown.intake import public_report
from tutela.takedown.ledger import disclosure, histories, public_figures
from tutela.takedown.ledger.public_figures import PublicQuarter


@public()
@csp_override(POLICY)
def figures(request: HttpRequest, language: str = "") -> HttpResponse:
    """Figures of complete quarters. They change once a day at most, so that readers cannot keep the database busy."""
    hotline = public_report.hotline()
    language = language or settings.LANGUAGE_CODE
    if "public" not in settings.DESKS or hotline is None or language not in dict(settings.LANGUAGES):
        raise Http404
    context = {
        "quarters": _figures(hotline.id, clock.now().date()),
        "hotline": hotline.name,
        "LANGUAGE_CODE": language,
        "least": public_figures.LEAST_CASES,
        "smallest": disclosure.SMALLEST,
        "providers": public_figures.LEAST_PROVIDERS,
        "days": public_figures.COMPLETE_AFTER.days,
    }
    with translation.override(language):
        answer = HttpResponse(render_to_string("takedown/public/figures.html", context))
        answer.headers["Content-Language"] = language
        return answer


_counting = Lock()


def _figures(organisation_id: UUID, day: date) -> tuple[PublicQuarter, ...]:
    """Computed by one reader at a time: others wait for the result."""
    with _counting:
        return _computed(organisation_id, day)


@lru_cache(maxsize=2)
def _computed(organisation_id: UUID, day: date) -> tuple[PublicQuarter, ...]:
    entry = directory.entry(organisation_id)
    actor = directory.acting_for(entry, "system:takedown", "Public figures", frozenset({histories.READ}))
    found = public_figures.public_figures(histories.load_histories(actor), datetime.combine(day, time(), UTC))
    return tuple(found)
