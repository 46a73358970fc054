"""The API reference of `/api/`: every operation with its scope, parameters, fields, an example and a call by curl.

Rendered on the server from the node's own OpenAPI document. Swagger UI ran under the page's policy, but is not usable
by keyboard and screen reader as WCAG 2.2 asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from tutela.app.website.api import api

type Json = dict[str, Any]

_SHOWN_METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True)
class ApiField:
    """A parameter or a field: its name, type, whether it is required, and its description."""

    name: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True)
class ApiOperation:
    """One operation as the page shows it."""

    name: str
    method: str
    path: str
    text: str
    parameters: tuple[ApiField, ...]
    fields: tuple[ApiField, ...]
    example: str
    answers: tuple[tuple[str, str], ...]
    call: str


@dataclass(frozen=True)
class ApiSection:
    title: str
    operations: tuple[ApiOperation, ...]


@cache
def sections() -> tuple[ApiSection, ...]:
    """Every operation by its section, in the order of the document."""
    document: Json = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    found: dict[str, list[ApiOperation]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in _SHOWN_METHODS:
                title = (operation.get("tags") or ["Node"])[0]
                found.setdefault(title, []).append(_operation(document, path, method, operation))
    return tuple(ApiSection(title, tuple(each)) for title, each in found.items())


def _operation(document: Json, path: str, method: str, operation: Json) -> ApiOperation:
    body = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(body), "")
    example = body.get(kind, {}).get("example")
    parameters = tuple(
        ApiField(
            one["name"], _kind(document, one.get("schema", {})), bool(one.get("required")), one.get("description", "")
        )
        for one in operation.get("parameters", ())
    )
    return ApiOperation(
        name=operation.get("operationId", f"{method}-{path}"),
        method=method.upper(),
        path=path,
        text=operation.get("description") or operation.get("summary", ""),
        parameters=parameters,
        fields=tuple(_fields(document, body.get(kind, {}).get("schema", {}))),
        example=json.dumps(example, indent=2, ensure_ascii=False) if example is not None else "",
        answers=tuple(
            (str(status), str(answer.get("description", ""))) for status, answer in operation["responses"].items()
        ),
        call=_call(path, method, kind, keyed=any(one.name == "Idempotency-Key" for one in parameters)),
    )


def _fields(document: Json, schema: Json) -> Iterator[ApiField]:
    """The fields of a message's top level."""
    schema = _resolved(document, schema)
    if schema.get("type") == "array":
        schema = _resolved(document, schema.get("items", {}))
    required = set(schema.get("required", ()))
    for name, one in schema.get("properties", {}).items():
        text = one.get("description") or _resolved(document, one).get("description", "")
        yield ApiField(name, _kind(document, one), name in required, text.partition("\n")[0])


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _kind(document: Json, schema: Json) -> str:
    """A type in a few words."""
    if "$ref" in schema:
        known = _resolved(document, schema)
        return " | ".join(map(str, known["enum"])) if "enum" in known else schema["$ref"].rpartition("/")[2]
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(document, one) for one in schema["anyOf"] if one.get("type") != "null"))
    if schema.get("type") == "array":
        return f"list of {_kind(document, schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _call(path: str, method: str, kind: str, *, keyed: bool) -> str:
    """The call as a command."""
    lines = [f"curl -X {method.upper()} {settings.PUBLIC_URL}{path}", "-H 'Authorization: Bearer tut_…'"]
    lines += ["-H 'Idempotency-Key: '$(uuidgen)"] if keyed else []
    if kind:
        lines += [f"-H 'Content-Type: {kind}'", "--data-binary @body.json" if "json" in kind else "--data-binary @file"]
    return " \\\n  ".join(lines)
