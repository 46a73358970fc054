"""Every address names who may read it and who may change something through it."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tutela.app.website.api import ROUTERS, api
from tutela.app.website.urls import DOMAINS
from tutela.organisations.vocabulary import roles_and_permissions
from tutela.organisations.web.api_keys import Key

# allauth's own pages: sign-in, second factor, sessions. They guard themselves and hold nothing of a case.
SIGN_IN = "account/"
# The API's own description, open to everybody, like this source.
DESCRIPTION = {"openapi-json", "openapi-view", "api-root"}
WRITES = re.compile(r"request\.POST|request\.body|[\"']POST[\"']|require_POST")


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, address)
        else:
            yield address, entry


def _pages() -> list[tuple[str, Any]]:
    return [
        (address, entry.callback)
        for address, entry in _patterns(get_resolver())
        if not address.startswith((SIGN_IN, "api/v1/"))
    ]


def _permissions() -> set[str]:
    of_roles = set().union(*roles_and_permissions.PERMISSIONS.values(), *roles_and_permissions.SCOPES.values())
    return (
        of_roles
        | roles_and_permissions.ADMINISTRATION
        | roles_and_permissions.REGISTER
        | roles_and_permissions.EVERYONE
        | roles_and_permissions.NODE_ADMINISTRATION
        | roles_and_permissions.FOUNDING_ADMINISTRATION
        | roles_and_permissions.PARTNERS
        | {"public"}
    )


PAGES = _pages()
OPERATIONS = [
    (path, operation)
    for _prefix, router in api._routers
    for path, view in router.path_operations.items()
    for operation in view.operations
]


@pytest.mark.parametrize(("address", "view"), PAGES, ids=[address or "/" for address, _ in PAGES])
def test_page_names_permissions_that_exist(address: str, view: Any) -> None:
    assert getattr(view, "read_permission", None) in _permissions(), address
    assert hasattr(view, "write_permission"), address
    assert view.write_permission is None or view.write_permission in _permissions(), address


@pytest.mark.parametrize(("address", "view"), PAGES, ids=[address or "/" for address, _ in PAGES])
def test_page_that_takes_a_form_names_who_may_send_it(address: str, view: Any) -> None:
    writes = WRITES.search(inspect.getsource(inspect.unwrap(view)))
    assert not writes or view.write_permission, f"{address} reads what is posted and names no write permission"


@pytest.mark.parametrize(("address", "view"), PAGES, ids=[address or "/" for address, _ in PAGES])
def test_stranger_gets_nothing_but_public_pages(address: str, view: Any) -> None:
    example = re.sub(r"<uuid:\w+>", "01900000-0000-7000-8000-000000000000", address)
    example = "/" + re.sub(r"<int:\w+>", "1", re.sub(r"<(?:\w+:)?\w+>", "DSA", example))
    answer = Client(raise_request_exception=False).get(example)
    if address.startswith(("ispws/", "hashsharing/")):  # a machine's interface, which asks for its own credentials
        assert answer.status_code in (401, 404), example
    elif view.read_permission == "public":
        assert answer.status_code in (200, 302, 404, 422)
    else:
        assert answer.status_code == 302, example
        assert answer["Location"].startswith("/account/login/")


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=[path for path, _ in OPERATIONS])
def test_operation_of_the_api_asks_for_a_key(path: str, operation: Any) -> None:
    keys = [one for one in operation.auth_callbacks if isinstance(one, Key)]
    assert keys, path
    assert keys == list(operation.auth_callbacks), "one key, no other way in"
    assert all(key.permission in _permissions() for key in keys)


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (one for name, one in part.items() if name == "$ref" and isinstance(one, str))
    if isinstance(part, dict | list):
        for one in part.values() if isinstance(part, dict) else part:
            yield from _references(one)


def test_every_reference_of_the_apis_description_leads_somewhere() -> None:
    document = json.loads(Client().get("/api/v1/openapi.json").content)
    found = set(_references(document))
    assert len(found) > 10
    for one in sorted(found):
        place = document
        for part in one.removeprefix("#/").split("/"):
            assert part in place, one
            place = place[part]


def test_the_api_has_operations_of_every_domain() -> None:
    assert len(OPERATIONS) > len(ROUTERS)


def test_no_api_address_stands_outside_its_operations() -> None:
    known = {path.strip("/") for path, _ in OPERATIONS}
    for address, entry in _patterns(get_resolver()):
        if address.startswith("api/v1/") and entry.name not in DESCRIPTION:
            inside = re.sub(r"<(\w+:)?(\w+)>", r"{\1\2}", address.removeprefix("api/v1/")).strip("/")
            plain = {re.sub(r"\{(\w+:)?(\w+)\}", r"{\2}", path) for path in known}
            assert re.sub(r"\{(\w+:)?(\w+)\}", r"{\2}", inside) in plain, address


def test_every_domain_with_pages_belongs_to_a_known_desk() -> None:
    assert set(DOMAINS.values()) | set(ROUTERS.values()) <= {"", "provider", "centre", "hotline", "authority", "public"}
