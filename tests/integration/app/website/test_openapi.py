"""The API against its own document: schemathesis makes requests out of it, good ones and bad ones, for every operation.

Whoever may ask asks: a key with every scope of its kind. No answer is a fault of the node, each has a status and a form
that the document names, and what does not fit the document is never taken for good.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.support.cast import Cast
from tests.support.drills import LONG
from tests.support.reporting import report
from tutela.app.runtime.wsgi import application
from tutela.app.website.api import api
from tutela.app.website.openapi import ANSWERS, ARRAYS, FILES, MESSAGES, OWN
from tutela.organisations.people import api_keys
from tutela.organisations.vocabulary.roles_and_permissions import SCOPES, scopes_of
from tutela.organisations.web.api_keys import Key

DOCUMENT = api.get_openapi_schema(path_prefix="/api/v1/")
OPERATIONS = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
EXAMPLES = 60 if LONG else 6
CHECKS = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
)


@cache
def _schema() -> Any:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    schema.config.generation.modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    return schema


def _permission(method: str, path: str) -> str:
    """What the key must permit."""
    for prefix, router in api._routers:  # the framework has no public way to its operations
        for relative, view in router.path_operations.items():
            whole = "/api/v1" + "/".join(("", prefix.strip("/"), relative.strip("/"))).replace("//", "/")
            if _plain(whole) == path:
                for operation in view.operations:
                    if method.upper() in operation.methods:
                        (key,) = operation.auth_callbacks
                        assert isinstance(key, Key)
                        return key.permission
    raise AssertionError(f"{method} {path} is nowhere")


def _plain(path: str) -> str:
    """A path without the types of its parts."""
    return "/".join("{" + part.strip("{}").partition(":")[2] + "}" if ":" in part else part for part in path.split("/"))


def _key(cast: Cast, permission: str) -> str:
    owners = {
        "provider": cast.pixelpost,
        "authority": cast.authority,
        "centre": cast.centre,
        "hotline": cast.hotline_ie,
    }
    for kind, owner in owners.items():
        scopes = scopes_of(kind, owner.permissions)
        if any(permission in SCOPES[scope] for scope in scopes):
            _row, text = api_keys.issue_key(owner, owner.organisation_id, name="openapi", scopes=list(scopes))
            return text
    raise AssertionError(f"nobody may {permission}")


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda value: value)
def test_every_answer_is_one_that_the_document_names(cast: Cast, method: str, path: str) -> None:
    cast.centre  # noqa: B018 - a node without a Centre answers 404 to most
    headers = {"Authorization": f"Bearer {_key(cast, _permission(method, path))}"}
    operation = _schema()[path][method]
    number = int.from_bytes(hashlib.sha256(f"{method} {path}".encode()).digest()[:4])

    @seeded(number)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.validate_response(case.call(headers=headers), checks=CHECKS)

    ask()


@pytest.mark.parametrize("together", [False, True])
def test_a_good_report_is_answered_as_the_document_says(cast: Cast, together: bool) -> None:
    cast.centre  # noqa: B018 - to whom it goes
    path, body = "/api/v1/reports", json.loads(report().to_bytes())
    if together:
        path, body = f"{path}/batch", [body, {"schema_version": "1"}]
    headers = {"Authorization": f"Bearer {_key(cast, 'reports.submit')}", "Idempotency-Key": uuid4().hex}
    case = _schema()[path]["POST"].Case(body=body, media_type="application/json", headers=headers)
    response = case.call(headers=headers)
    assert response.status_code == (200 if together else 201), response.content
    case.validate_response(response, checks=CHECKS)


def test_nothing_is_answered_without_a_key() -> None:
    for method, path in OPERATIONS:
        # A value of each part's kind, so that the address leads somewhere.
        kinds = {one["name"]: one["schema"] for one in DOCUMENT["paths"][path][method].get("parameters", [])}
        parts = {part.strip("{}") for part in path.split("/") if part.startswith("{")}
        response = _schema()[path][method].Case(path_parameters={name: _some(kinds[name]) for name in parts}).call()
        assert response.status_code == 401, (method, path, response.status_code)


def _some(schema: dict[str, Any]) -> str:
    return "1" if schema["type"] == "integer" else str(uuid4())


def test_every_body_is_in_the_document_and_every_entry_of_it_is_an_operation() -> None:
    bodies = {path for path, methods in DOCUMENT["paths"].items() if "requestBody" in methods.get("post", {})}
    assert bodies == {path for path, methods in DOCUMENT["paths"].items() if "post" in methods}
    ends = {path.partition("/v1/")[2] for path in bodies}
    assert {*MESSAGES, *ARRAYS, *FILES, *OWN, *ANSWERS} <= ends
