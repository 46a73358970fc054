"""The HTTP interfaces of a node and of an Edge, from their own OpenAPI documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.reference import code, django, table
from scripts.reference.schema_fields import Field, fields

METHODS = ("get", "post", "put", "patch", "delete")


def documents() -> dict[str, dict[str, Any]]:
    """The OpenAPI documents by what answers: every desk is mounted."""
    django()
    from tutela.app.website.api import api
    from tutela.edge.http_api.openapi import described_api

    return {"node": dict(api.get_openapi_schema(path_prefix="/api/v1/")), "edge": described_api()}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every operation."""
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def body(document: dict[str, Any], content: dict[str, Any]) -> list[Field]:
    """The fields of a request's or an answer's JSON."""
    known = document.get("components", {}).get("schemas", {})
    return [one for kind in content.values() for one in fields(kind.get("schema", {}), known)]


def page() -> str:
    """The page of the interfaces."""
    head = (
        "# HTTP API\n\nGenerated from the OpenAPI documents that a node serves at `/api/v1/openapi.json` and an Edge at"
        " `/openapi.json`.\nBoth want a token: `Authorization: Bearer …`. [Messages](messages.md) has the fields of"
        " signed messages, with limits.\n"
    )
    parts = [head]
    for title, document in documents().items():
        parts.append(f"\n## {title.capitalize()}\n")
        parts += [_operation(document, *one) for one in operations(document)]
    return "".join(parts)


def message(content: dict[str, Any]) -> str:
    """The published message that is the body, if it is one."""
    from tutela.exchange.json_schemas.json_schemas import MESSAGES

    (schema,) = [kind.get("schema", {}) for kind in content.values()][:1] or [{}]
    model = schema.get("$ref", "").rpartition("/")[2]
    return next((name for name, one in MESSAGES.items() if one.__name__ == model), "")


def _operation(document: dict[str, Any], method: str, path: str, said: dict[str, Any]) -> str:
    lines = [f"\n### {method} {path}\n\n{said.get('summary', '')}. {said.get('description', '')}".replace("..", ".")]
    given = [
        (code(one["name"]), one["in"], "yes" if one.get("required") else "", one.get("description", ""))
        for one in said.get("parameters", ())
    ]
    content = said.get("requestBody", {}).get("content", {})
    known = message(content)
    if known:
        lines.append(f"\n\nThe body is the message [{known}](messages.md#{known}).")
    else:
        fields_of_body = body(document, content)
        given += [
            (code(one.path), "body", "yes" if one.required else "", one.text or one.kind) for one in fields_of_body
        ]
    if given:
        lines.append("\n\n" + table(("name", "in", "required", "meaning"), given))
    answers = [
        (code(str(status)), answer.get("description", ""), ", ".join(code(kind) for kind in answer.get("content", {})))
        for status, answer in said["responses"].items()
    ]
    lines.append("\n\n" + table(("answer", "meaning", "format"), answers))
    return "".join(lines)
