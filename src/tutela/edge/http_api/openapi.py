"""OpenAPI 3.1 document of the Edge API, generated from the same models that read its bodies."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from tutela import __version__
from tutela.edge.http_api.bucket_events import Notification
from tutela.edge.runtime.lookup_query import Lookup
from tutela.edge.runtime.settings import FailurePolicy, UndecodedPolicy
from tutela.exchange.message.problem import MEDIA_TYPE, Problem
from tutela.exchange.report.candidate import CandidateMatch
from tutela.scan.outcome import Status

_TEMPLATE = "#/components/schemas/{model}"
_NAMES = {
    "X-Tutela-Item": "Your own reference. With a reference, a match becomes a candidate.",
    "X-Tutela-Account": "Reference of the account.",
    "X-Tutela-Service": "Name of the service, as on the provider desk.",
    "X-Tutela-Channel": "`public`, `private`, `audio` or `e2ee`.",
    "X-Tutela-Undecoded": "`hold`, `queue` or `pass`: policy for this upload if it is a picture that cannot be hashed.",
    "X-Tutela-Location": "Address at a listed origin for a later scan, if the bytes cannot be scanned now.",
}
_UNSCANNED = "Not scanned: no list, or a picture that could not be hashed or compared; see `policy` for what to do."
_LIMITED = ("401", "413", "429", "503")


@cache
def described_api() -> dict[str, Any]:
    """The whole document."""
    models = [(one, "validation") for one in (Lookup, Notification, CandidateMatch, Problem)]
    _, schemas = models_json_schema(models, ref_template=_TEMPLATE)  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tutela Edge", "version": __version__, "description": "Is this upload known?"},
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas["$defs"], "Matches": _matches(), "Lists": _lists()},
        },
    }


def _paths() -> dict[str, Any]:
    return {
        **_scan_paths(),
        "/v1/lookup": {
            "post": {
                "summary": "Look up hashes.",
                "requestBody": _json(_ref("Lookup")),
                "responses": _answers(_looked_up(), {}, "400", "422"),
            }
        },
        "/v1/events/s3": {
            "post": {
                "summary": "Queue a created object.",
                "requestBody": _json(_ref("Notification")),
                "responses": {"202": {"description": "Stored in the queue."}, **_problems("422")},
            }
        },
        "/v1/lists": {"get": {"summary": "The lists in use.", "responses": _answers(_ref("Lists"), {})}},
        "/healthz/live": _open("The process is running."),
        "/healthz/ready": _open("Every expected list is trusted; otherwise 503."),
        "/metrics": _open("Prometheus."),
    }


def _scan_paths() -> dict[str, Any]:
    picture = {"schema": {"type": "string", "format": "binary"}}
    form = {"schema": {"type": "object", "properties": {"file": picture["schema"]}}}
    headers = [
        {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
        for name, text in _NAMES.items()
    ]
    url = {"type": "object", "required": ["url"], "properties": {n: {"type": "string"} for n in _URL_FIELDS}}
    return {
        "/v1/scan": {
            "post": {
                "summary": "Hash and match one upload.",
                "parameters": headers,
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/octet-stream": picture,
                        "multipart/form-data": form,
                    },
                },
                "responses": _answers(_ref("Matches"), {"202": _UNSCANNED}, "400", "415"),
            }
        },
        "/v1/scan/url": {
            "post": {
                "summary": "Fetch from a listed origin, hash and match.",
                "requestBody": _json(url),
                "responses": _answers(_ref("Matches"), {"202": _UNSCANNED}, "422"),
            }
        },
    }


_URL_FIELDS = ("url", "item", "account", "service", "channel", "undecoded")


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _answers(schema: dict[str, Any], more: dict[str, str], *problems: str) -> dict[str, Any]:
    good = {"description": "Answered.", "content": {"application/json": {"schema": schema}}}
    return {"200": good, **{code: good | {"description": text} for code, text in more.items()}, **_problems(*problems)}


def _problems(*codes: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": _ref("Problem")}}
    return {code: {"description": "A problem.", "content": content} for code in (*_LIMITED, *codes)}


def _open(text: str) -> dict[str, Any]:
    return {"get": {"summary": text, "security": [], "responses": {"200": {"description": text}}}}


def _matches() -> dict[str, Any]:
    listed = {"type": "array", "items": _ref("CandidateMatch")}
    known = {
        "scanned": {"type": "boolean"},
        "status": {"enum": [str(one) for one in Status]},
        "matches": listed,
        "policy": {"enum": sorted({*map(str, UndecodedPolicy), *map(str, FailurePolicy)})},
        "queued": {"type": "boolean"},
        "reason": {"type": "string"},
        "digests": {"type": ["object", "null"]},
        "picture": {"type": ["object", "null"]},
        "refused": {"type": ["object", "null"]},
        "candidate": {"type": ["object", "null"]},
        "second_pass": {
            "type": "boolean",
            "description": "The picture waits for the second pass; a candidate may follow.",
        },
        "detection": {"enum": ["on", "shadow"]},
        "lists": {"type": "array", "items": {"type": "object"}},
    }
    return {"type": "object", "required": ["scanned", "status"], "properties": known}


def _looked_up() -> dict[str, Any]:
    item = {
        "type": "object",
        "properties": {
            "ref": {"type": ["string", "null"]},
            "matches": {
                "type": "array",
                "items": _ref("CandidateMatch"),
            },
        },
    }
    lists = {"type": "array", "items": {"type": "object"}}
    return {"type": "object", "properties": {"items": {"type": "array", "items": item}, "lists": lists}}


def _lists() -> dict[str, Any]:
    return {"type": "object", "properties": {"lists": {"type": "array", "items": {"type": "object"}}}}
