"""Who may reach what: every route of the node, for every kind of organisation and every role, found by introspection.

A new page or endpoint is covered as soon as it is routed. What one may not see does not exist: the answer to somebody
else's id is the answer to an id that nobody has.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.cast import Cast
from tests.integration.detection.world import World, body
from tests.reporting import report
from tutela import clock
from tutela.app.api import api
from tutela.events.actor import Actor
from tutela.events.ids import uuid7
from tutela.indicators import grants, register, releases
from tutela.indicators.hashes import Given
from tutela.law import classification
from tutela.organisations import apikeys, directory, people
from tutela.organisations.founding import machine
from tutela.organisations.kinds import SCOPES, Kind, permissions_of, roles_of
from tutela.reports import intake

pytestmark = pytest.mark.slow
KINDS_AND_ROLES = [(kind, role) for kind in Kind.values for role in [*roles_of(kind), ""]]
# Shown to everyone on the node by design: the directory's entries.
SHARED = {"organisation"}


@dataclass(frozen=True)
class Route:
    """A page of ours: its address with placeholders, and what it asks for."""

    path: str
    read: str
    write: str | None
    names: tuple[str, ...]

    def at(self, ids: dict[str, object]) -> str:
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(ids.get(m[1], uuid4())), "/" + self.path)


@cache
def pages() -> list[Route]:
    found = []
    for path, view in _walk(get_resolver().url_patterns, ""):
        if path.startswith(("account/", "api/")):
            continue
        read = getattr(view, "read_permission", None)
        assert read, f"{path} names no permission"
        names = tuple(re.findall(r"<(?:\w+:)?(\w+)>", path))
        found.append(Route(path, read, view.write_permission, names))
    return found


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _guarded() -> list[Route]:
    return [r for r in pages() if r.read != "public"]


@pytest.fixture(scope="module")
def foreign() -> dict[str, object]:
    """One of everything, of organisations that none of the tested people belongs to; by the name in the routes."""
    cast = Cast()
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}
    classification.import_scheme(cast.centre, scheme)
    given = [Given("sha256", secrets.token_hex(32))]
    indicator = register.propose(
        cast.hotline_ie, given=given, media_type="image", classification="eu-2011-93:known-material", reason="Assessed"
    )
    world = World(cast)
    manager = cast.actor(cast.pixelpost, "administrator")
    key, _text = apikeys.create_key(manager, name="Theirs", scopes=["reports:submit"])
    people.invite(manager, email=f"{uuid4()}@example.org", name="Kim", roles=["lead"])
    sender = directory.acting_for(
        directory.entry(cast.pixelpost.organisation_id), "key:test", "Edge", frozenset({"reports.submit"})
    )
    sent = report()
    intake.receive(sender, directory.entry(cast.centre.organisation_id), str(uuid7()), sent.to_bytes())
    lead = cast.actor(cast.centre, "lead")
    grant = grants.give(
        lead, cast.pixelpost.organisation_id, list_id=releases.LIST_ID, purpose="reporting", legal_basis="Art. 18",
        valid_to=clock.now() + timedelta(days=1),
    )  # fmt: skip
    return {
        "indicator": indicator, "candidate": world.candidate(body("near-pdq")), "draft": world.draft(),
        "service": _service_of(world), "key": key.pk, "invitation": people.invitations(manager)[0].pk,
        "person": world.lead.person_id, "report": sent.report_id, "grant": grant,
        "organisation": cast.pixelpost.organisation_id,
    }  # fmt: skip


def _service_of(world: World) -> UUID:
    from tutela.detection.models import Service
    from tutela.events.acting import acting

    with acting(world.lead):
        found = Service.objects.values_list("pk", flat=True).first()
    assert found
    return found


def _organisation(cast: Cast, kind: str) -> Actor:
    return cast.centre if kind == "centre" else cast.organisation(f"Other {kind}", kind, "FR")


def _seen(client: Client, method: str, address: str) -> tuple[int, str, str]:
    """Status, where it leads, and the body without what differs between any two answers."""
    answer = getattr(client, method)(address)
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    ids = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
    shown = ids.sub("ID", re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", text.decode(errors="replace")))
    return answer.status_code, ids.sub("ID", answer.headers.get("Location", "")), shown


def test_the_foreign_ids_are_real(foreign: dict[str, object], cast: Cast) -> None:
    """Without this, comparing them with ids that nobody has would prove nothing."""
    owner = directory.entry(UUID(str(foreign["organisation"])))
    provider = cast.client(machine(owner.id, "test"), *roles_of("provider"))
    centre = cast.client(cast.centre, *roles_of("centre"))
    for name, who in (("candidate", provider), ("draft", provider), ("service", provider), ("report", centre),
                      ("indicator", centre)):  # fmt: skip
        (route,) = [r for r in pages() if r.names == (name,) and r.path.endswith(f"<uuid:{name}>/")]
        assert _seen(who, "get", route.at(foreign))[0] == 200, route.path
        assert _seen(who, "get", route.at({}))[0] == 404, route.path


def test_every_page_sends_a_visitor_to_the_sign_in(foreign: dict[str, object], client: Client) -> None:
    for route in _guarded():
        for method in ("get", "post"):
            status, target, _ = _seen(client, method, route.at(foreign))
            assert (status, target.split("?")[0]) == (302, "/account/login/"), f"{method} {route.path}"


@pytest.mark.parametrize(("kind", "role"), KINDS_AND_ROLES)
def test_pages_exist_for_those_who_may_see_them(foreign: dict[str, object], cast: Cast, kind: str, role: str) -> None:
    organisation = _organisation(cast, kind)
    roles = [role] if role else []
    client = cast.client(organisation, *roles)
    permissions = permissions_of(kind, frozenset(roles))
    wrong = []
    for route in _guarded():
        may_read = route.read in permissions
        for method in ("get", "post", "delete"):
            may = may_read and (method in ("get", "head") or (route.write or "") in permissions)
            if may and not (route.names and method == "get"):
                continue
            address = route.at(foreign)
            answer = _seen(client, method, address)
            if not may and answer[0] not in (404, 405):
                wrong.append(f"{method} {route.path}: {answer[0]} without the permission")
            if not may_read and answer[0] != 404:
                wrong.append(f"{method} {route.path}: {answer[0]}, though the page does not exist for them")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("kind", "role"), KINDS_AND_ROLES)
def test_somebody_elses_id_is_answered_like_one_that_nobody_has(
    foreign: dict[str, object], cast: Cast, kind: str, role: str
) -> None:
    organisation = _organisation(cast, kind)
    client = cast.client(organisation, *([role] if role else []))
    wrong = []
    for route in _guarded():
        if not route.names or "code" in route.names or set(route.names) <= SHARED or _theirs(kind, route):
            continue
        for method in ("get", "post"):
            theirs, nobodys = ((_seen(client, method, route.at(ids)), _told(client)) for ids in (foreign, {}))
            if theirs != nobodys:
                wrong.append(f"{method} {route.path}: {theirs[0][:2]} {theirs[1]} and {nobodys[0][:2]} {nobodys[1]}")
    assert not wrong, "\n".join(wrong)


def _told(client: Client) -> list[str]:
    """What a redirect left to be said on the next page."""
    context = client.get("/desk/you/").context
    return [str(message) for message in context["messages"]]


def _theirs(kind: str, route: Route) -> bool:
    """What the tested kind of organisation shares: the register among its members, the Centre's own with the Centre."""
    shared = {"hotline", "authority", "coordinating_authority", "europol", "centre", "auditor"}
    name = route.names[0]
    return (name in ("indicator", "dispute") and kind in shared) or (name in ("report", "grant") and kind == "centre")


@pytest.mark.parametrize(("kind", "role"), KINDS_AND_ROLES)
def test_reading_never_changes_anything(cast: Cast, kind: str, role: str) -> None:
    """A page that acts answers to POST alone; a link in a message must never act for the person who follows it."""
    client = cast.client(_organisation(cast, kind), *([role] if role else []))
    acted = [
        f"{route.path}: {answer[0]} {answer[1]}"
        for route in _guarded()
        if route.write == route.read and (answer := _seen(client, "get", route.at({})))[0] not in (200, 404, 405)
    ]
    assert not acted, "\n".join(acted)


def _endpoints() -> list[tuple[str, str, str]]:
    """(method, path, permission) of every operation of the API."""
    found = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                (key,) = operation.auth_callbacks
                found += [(m, f"/api/v1{prefix}{path}", key.permission) for m in operation.methods]
    assert len(found) > 8
    return found


def _api_path(path: str, ids: dict[str, object]) -> str:
    fixed = {"version": 1, "list_id": releases.LIST_ID}
    return re.sub(
        r"\{(?:\w+:)?(\w+)\}", lambda m: str(ids.get(m[1].removesuffix("_id"), fixed.get(m[1], uuid4()))), path
    )


@pytest.mark.parametrize(("method", "path", "permission"), _endpoints())
def test_the_api_wants_a_key_with_the_scope(
    foreign: dict[str, object], cast: Cast, client: Client, method: str, path: str, permission: str
) -> None:
    address = _api_path(path, foreign)
    plain = {"content_type": "application/json", "data": "{}"} if method != "GET" else {}
    call = getattr(client, method.lower())
    assert call(address, **plain).status_code == 401
    bad = {"Authorization": "Bearer tut_0000000000_x"}
    assert call(address, **plain, headers=bad).status_code == 401
    others = [scope for scope, carried in SCOPES.items() if permission not in carried]
    for kind in Kind.values:
        manager = cast.actor(_organisation(cast, kind), "administrator")
        answer = call(address, **plain, headers=cast.key(manager, *others))
        assert answer.status_code == 403, f"{kind}: {answer.status_code}"


ONES_OWN = re.compile(r"\{(?:\w+:)?(?!organisation|list_id|version)\w+\}")


@pytest.mark.parametrize(("method", "path", "permission"), [e for e in _endpoints() if ONES_OWN.search(e[1])])
def test_the_api_says_nothing_about_somebody_elses_ids(
    foreign: dict[str, object], cast: Cast, client: Client, method: str, path: str, permission: str
) -> None:
    for kind in ("provider", "victim_support"):
        headers = cast.key(cast.actor(_organisation(cast, kind), "administrator"), *SCOPES)
        answers = [
            getattr(client, method.lower())(_api_path(path, ids), headers=headers, **(
                {"content_type": "application/json", "data": '{"reason": "token"}'} if method != "GET" else {}
            ))
            for ids in (foreign, {})
        ]  # fmt: skip
        theirs, nobodys = ((a.status_code, {**a.json(), "request": ""}) for a in answers)
        assert theirs == nobodys, kind
