"""Frame of a public page: its language, the same page in other languages, and whether drafts are shown."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation.trans_real import parse_accept_lang_header

from tutela.casework.public_languages import catalogue


def frame(language: str, route: str, *place: str) -> dict[str, Any]:
    """Values for the frame. `route` is the page's address in every language, with `place` after the language."""
    return {
        "language": language,
        "direction": catalogue.language(language).direction,
        "languages": [(one, reverse(route, args=[one.code, *place])) for one in catalogue.languages()],
        "origin": settings.PUBLIC_URL,
        # Only the demonstration shows drafts of safety-critical sentences.
        "drafts": settings.DEMO and catalogue.has_drafts(language),
    }


def wished(request: HttpRequest) -> str:
    """The language of the catalogue that the browser wishes most. Nothing else of the request is read."""
    header = parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    return catalogue.preferred([code for code, _weight in header])
