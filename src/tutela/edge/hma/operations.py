"""An operation of HMA's interface, declared once for its route, the site map and the document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tutela import __version__
from tutela.edge.hma.schemas import SCHEMAS
from tutela.edge.http_api.middleware import Handler

_TEXT = "#text"
_RULE = re.compile(r"<(?:(\w+):)?(\w+)>")
_STARLETTE, _OPENAPI = {"": "str", "int": "int"}, {"": "string", "int": "integer"}
# HMA's own title, because its clients' tests look for it. The description names Tutela.
_TITLE = "Open Media Match API"
_ABOUT = "The interface of Hasher-Matcher-Actioner 1.1, answered by an Edge of Tutela"


class Tag(StrEnum):
    """HMA's headings."""

    CORE = "Core"
    HASHING = "Hashing"
    MATCHING = "Matching"
    BANKS = "Banks"
    CONTENT = "Bank Content"
    EXCHANGES = "Exchanges"
    CONFIGURATION = "Configuration"


@dataclass(frozen=True, slots=True)
class Operation:
    """A method at a path, in HMA's site-map notation; `good` is the status of a good answer.

    `answers` and `takes` name schemas of `schemas`, `query` the parameters. `changes`: requires a token in any mode.
    `open`: needs no token in any mode.
    """

    method: str
    path: str
    handler: Handler
    tag: Tag
    summary: str
    answers: str
    good: int = 200
    takes: str = ""
    query: tuple[str, ...] = ()
    changes: bool = False
    open: bool = False

    @property
    def served_at(self) -> str:
        """The path as Starlette reads it."""
        return _RULE.sub(lambda part: f"{{{part[2]}:{_STARLETTE[part[1] or '']}}}", self.path)

    @property
    def described_at(self) -> str:
        """The path as OpenAPI writes it."""
        return _RULE.sub(r"{\2}", self.path)

    def described(self) -> dict[str, Any]:
        """The operation, for the document."""
        name = re.sub(r"\W+", "_", f"{self.method.lower()}_{self.described_at}").strip("_")
        given = [_parameter("path", part[2], _OPENAPI[part[1] or ""]) for part in _RULE.finditer(self.path)]
        given += [_parameter("query", one, "string") for one in self.query]
        good: dict[str, Any] = {"description": "Answered."}
        if self.answers:
            good["content"] = _content(self.answers)
        answers = {str(self.good): good}
        if not self.open:
            bad = {"description": "Refused.", "content": _content("ErrorResponse")}
            answers |= dict.fromkeys(("400", "401", "403", "404", "429", "503"), bad)
        body = {"requestBody": {"content": _content(self.takes)}} if self.takes else {}
        return {
            "tags": [self.tag],
            "summary": self.summary,
            "operationId": name,
            "parameters": given,
            **body,
            "responses": answers,
        }


def site_map(operations: Sequence[Operation]) -> list[str]:
    """Every path once, in order."""
    return sorted({one.path for one in operations})


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The interface as an OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.described_at, {})[one.method.lower()] = one.described()
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": __version__, "description": _ABOUT},
        "tags": [{"name": tag} for tag in Tag],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _parameter(place: str, name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": kind}}


def _content(name: str) -> dict[str, Any]:
    if name == _TEXT:
        return {"text/plain": {"schema": {"type": "string"}}}
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"multipart/form-data" if name == "Upload" else "application/json": {"schema": schema}}
