"""HTTP API of a node, version 1: one router per domain, problem details for every error."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import ValidationError as ModelError

from tutela.app.website.openapi import Api
from tutela.app.website.problems import from_error, problem
from tutela.events.errors import TutelaError
from tutela.exchange.errors import ExchangeError

api = Api(
    title="Tutela",
    version="1",
    docs_url=None,
    description="Messages between providers, the Centre, authorities and API clients. Errors are RFC 9457 problems.",
)

# Which desk a domain's API belongs to; "" is every node's.
ROUTERS = {
    "indicators": "",
    "detection": "provider",
    "reports": "centre",
    "investigations": "authority",
    # Providers receive notices, hotlines the answers.
    "takedown": "",
    "redress": "",
    "victims": "",
    "casework": "",
    "observatory": "",
}
for _domain, _desk in ROUTERS.items():
    if _domain in settings.DOMAINS and (not _desk or _desk in settings.DESKS):
        api.add_router("", import_module(f"tutela.{_domain}.web.api").router)


@api.exception_handler(TutelaError)
def _ours(request: HttpRequest, error: TutelaError) -> HttpResponse:
    return from_error(request, error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(request, 422, "Some fields are not valid.", _fields(error.errors))


@api.exception_handler(ModelError)
def _model(request: HttpRequest, error: ModelError) -> HttpResponse:
    return problem(request, 422, "Some fields are not valid.", _fields(json.loads(error.json(include_input=False))))


@api.exception_handler(ExchangeError)
def _unreadable(request: HttpRequest, error: ExchangeError) -> HttpResponse:
    return problem(request, 422, str(error))


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
    return problem(request, 413, f"The body may have at most {limit} MB.")


@api.exception_handler(AuthenticationError)
def _anonymous(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(request, 401, "Send an API key: Authorization: Bearer tut_…")


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, error.status_code, str(error))


def _fields(errors: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {"field": ".".join(str(part) for part in e["loc"] if part != "body"), "reason": str(e["msg"])} for e in errors
    ]
