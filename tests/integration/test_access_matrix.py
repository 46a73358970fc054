"""Role × organisation × address × verb: what nobody granted answers exactly as if there were nothing.

The cells are made from the node's own addresses and from the table of permissions (`tests/golden/access.txt`, which
people read in review), never from a list kept by hand. A page with a new kind of placeholder fails until
`tests.support.access.Houses.ids` knows an example.

Every address is asked anonymously, by a role without its permission, by another organisation, and by a role that may.
The drill asks by every verb, every role and every kind of organisation.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests.support.access import Houses, Operation, Route, answer, both, may, operations, parts, routes, same
from tests.support.drills import LONG
from tests.support.preselected import preselected
from tutela.events.actor import REGISTER_KINDS
from tutela.organisations.people import api_keys
from tutela.organisations.vocabulary.roles_and_permissions import SCOPES, Kind

ROUTES = routes()
OPERATIONS = operations()
PRIVATE = [route for route in ROUTES if route.read != "public"]
CHANGING = [route for route in PRIVATE if route.write]
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OF_ONE = [route for route in PRIVATE if route.tenant]
# Things with parts, and their parts. An authority is no part of a draft; a referral's files are at the Centre.
PARTS = {
    "bundle": ("move",),
    "partner_list": ("organisation",),
    "removal": ("representative",),
    "report": ("referral",),
    "support": ("service_row",),
}
CHILDREN = [one for one in PRIVATE if len(one.wanted) > 1 and one.wanted[1] in PARTS.get(one.wanted[0], ())]
# Whose desk a placeholder's example stands on.
OWNERS = {
    "information": "victim_support",
    "information_request": "victim_support",
    "support": "victim_support",
    "support_case": "victim_support",
    "service_row": "victim_support",
    "vault_key": "victim_support",
    "survivor_input": "victim_support",
    "quarterly_return": "victim_support",
    "hand_over": "victim_support",
    "agency_hand_over": "victim_support",
    "candidate": "provider",
    "draft": "provider",
    "filed": "provider",
    "service": "provider",
    "address": "provider",
    "key": "provider",
    "invitation": "provider",
    "person": "provider",
    "referral": "authority",
    "report": "centre",
    "indicator": "centre",
    "dispute": "centre",
    "grant": "centre",
    "alert": "centre",
    "hold": "centre",
    "organisation": "provider",
    "code": "centre",
    "message": "centre",
    "surge": "centre",
    "bundle": "centre",
    "move": "centre",
    "event": "provider",
    "partner_list": "provider",
    "recipient": "authority",
    "file": "authority",
    "sample": "centre",
    "identifier": "authority",
    "hit": "authority",
    "wanted": "authority",
    "team": "authority",
    "run": "centre",
    "legal_hold": "centre",
    "view": "authority",
    "act_request": "provider",
    "approval": "centre",
    "search_sample": "provider",
    "conversation": "centre",
    "group": "centre",
    "mandate": "centre",
    "shift": "centre",
    "basis": "provider",
    "case": "hotline",
    "takedown": "hotline",
    "backlog": "hotline",
    "notice": "hotline",
    "partner": "hotline",
    "case_file": "hotline",
    "hosting": "provider",
    "batch": "provider",
    "complaint": "provider",
    "reversal": "provider",
    "hop": "provider",
    "source_review": "provider",
    "data_request": "provider",
    "breach": "provider",
    "drill": "centre",
    "copy": "provider",
    "issued_copy": "authority",
    "order": "authority",
    "order_kind": "authority",
    "order_request": "authority",
    "point": "hotline",
    "search_mandate": "hotline",
    "machine": "hotline",
    "removal": "victim_support",
    "removal_request": "victim_support",
    "found_item": "provider",
    "representative": "victim_support",
    "entry": "victim_support",
    "programme": "centre",
    "study": "centre",
    "question": "centre",
    "material": "centre",
    "campaign": "centre",
    "membership": "provider",
    "found": "provider",
    "release": "hotline",
    "filed_return": "provider",
    "form": "provider",
    "period": "provider",
    "ending": "provider",
    "late_return": "provider",
    "figure_import": "provider",
    "claim": "centre",
    "dashboard": "centre",
}
# Something that every form of ours can use.
FILLED_IN = {
    "reason": "A reason",
    "decision": "forward",
    "action": "rotate",
    "kind": "taken_up",
    "level": "closed",
    "seen": "0",
    "until": "2027-01-01T00:00",
    "file_reference": "AZ 1",
    "how": "viewed",
    "text": "A text",
    "country": "DE",
    "picture": "shown",
    "status": "suspended",
    "upheld": "on",
    "days": "30",
    "name": "A name",
    "version": "1",
    "revision": "1",
    "note": "A note",
}
# Looking at these is itself an access that the log keeps.
ACCESS = re.compile(r"\w+\.(viewed|listed|status|downloaded|exported(_json|_pdf|_evidence|_archive|_stix|_signed)?)")
# Every member of the register may stand behind an entry: there is no wrong organisation among them.
OPEN_TO = {"indicators.certify": REGISTER_KINDS}
# What one asks of one's own: somebody else gets somebody else's, which is nothing here.
OWN = {
    "/figures/releases",
    "/figures/definitions",
    "/figures/flows",
    "/takedown/orders",
    "/referrals",
    "/referral-withdrawals",
    "/inbox",
    "/evidence/returned",
    "/removal/requested-hashes",
}
# Those whose work is to look at everybody's.
LOOKS_AT_ALL = {("auditor", "events.read")}


def _name(route: Route | Operation) -> str:
    return f"{route.verb} {route.path}" if isinstance(route, Operation) else route.address or "/"


@pytest.fixture(scope="module")
def houses() -> Houses:
    made = Houses()
    assert made.ids
    return made


def _without(route: Route) -> list[tuple[str, str]]:
    """The roles to try an address as: one that may not look, and one that may look but not send; in the drill all.

    Which roles have a permission stands in the golden table; here is tested that every address asks for its own.
    """
    turn = PRIVATE.index(route)
    blind = [part for part in parts() if not may(part, route.read)]
    mute = [part for part in parts() if may(part, route.read) and not (route.write and may(part, route.write))]
    return [part for able in (blind, mute) for part in (able if LONG else able[turn % max(len(able), 1) :][:1])]


def _readers(route: Route) -> list[tuple[str, str]]:
    """The roles that may look at an address: one, of the kind that owns such things if it may; in the drill all."""
    able = [part for part in parts() if may(part, route.read)]
    if LONG:
        return able
    able = [part for part in able if part[0] == _owner_of(route)] or able
    return able[PRIVATE.index(route) % len(able) :][:1]


def _strangers(route: Route) -> list[tuple[str, str]]:
    """The roles that may look at such things in their own organisation, but not at these. The Centre is one alone."""
    able = [part for part in parts() if may(part, route.read) and part[0] != "centre"]
    if LONG:
        return able
    able = [part for part in able if part[0] == _owner_of(route)] or able
    return able[PRIVATE.index(route) % max(len(able), 1) :][:1]


def _owner_of(route: Route) -> str:
    return OWNERS[route.wanted[0]] if route.wanted else "provider"


def _kinds(kinds: Iterable[str], operation: Operation) -> list[str]:
    """Of these kinds of organisation one in turn; in the drill all."""
    able = sorted(kinds)
    return able if LONG else able[OPERATIONS.index(operation) % max(len(able), 1) :][:1]


def test_the_matrix_covers_every_address(houses: Houses) -> None:
    assert len(PRIVATE) > 40
    assert {name for route in PRIVATE for name in route.wanted} <= set(houses.ids)
    assert {name for route in PRIVATE for name in route.wanted} - {"authority"} <= set(OWNERS)


@pytest.mark.parametrize("route", PRIVATE, ids=_name)
def test_stranger_without_account_is_sent_to_sign_in(houses: Houses, route: Route) -> None:
    for verb in VERBS if LONG else VERBS[PRIVATE.index(route) % len(VERBS) :][:1]:
        found, nothing = both(houses, Client(), verb, route)
        assert found.status_code == 302, verb
        assert found["Location"].startswith("/account/login/"), verb
        assert same(found, nothing), verb


@pytest.mark.parametrize("route", PRIVATE, ids=_name)
def test_role_without_the_permission_finds_nothing(houses: Houses, route: Route) -> None:
    """The answer is that of an address that no page has; else it is compared with that about what does not exist."""
    seen = []
    for part in _without(route):
        for client in houses.browsers(part)[slice(None) if LONG else slice(-1, None)]:
            for verb, needed in (("GET", route.read), ("POST", route.write)):
                if may(part, route.read) and (needed is None or may(part, needed)):
                    continue
                address = route.at(houses.ids)
                found = answer(client, verb, address)
                if found.status_code == 404 and same(found, houses.no_page(client, verb, address)):
                    continue
                found, nothing = both(houses, client, verb, route)
                if found.status_code != 404 or not same(found, nothing):
                    seen.append((part, verb, found.status_code, nothing.status_code))
    assert not seen


@pytest.mark.parametrize("route", [r for r in PRIVATE if not r.write], ids=_name)
def test_page_that_only_shows_takes_nothing(houses: Houses, route: Route) -> None:
    for part in _readers(route):
        for verb in VERBS[1:] if LONG else VERBS[1:2]:
            assert answer(houses.of_owner(part), verb, route.at(houses.ids)).status_code == 405, (part, verb)


@pytest.mark.parametrize("route", OF_ONE, ids=_name)
def test_what_belongs_to_another_organisation_answers_like_what_does_not_exist(houses: Houses, route: Route) -> None:
    log = houses.log(_owner_of(route))
    seen = []
    for part in _strangers(route):
        for verb in ("GET", "POST"):
            found, nothing = both(houses, houses.stranger(part), verb, route)
            if verb == "GET" and (part[0], route.read) in LOOKS_AT_ALL:
                continue
            if found.status_code not in (404, 405) or not same(found, nothing):
                seen.append((part, verb, found.status_code, nothing.status_code))
        # A form that is filled in gets no further than an empty one.
        said = houses.stranger(part).post(route.at(houses.ids), FILLED_IN)
        if said.status_code not in (404, 405):
            seen.append((part, "POST filled in", said.status_code, 0))
    assert not seen
    assert not log.said(), "a stranger changed something"


@pytest.mark.parametrize("route", CHILDREN, ids=_name)
def test_a_part_of_something_else_answers_like_what_does_not_exist(houses: Houses, route: Route) -> None:
    """Somebody who may, on the right desk, with the ID of a part below something that it does not belong to."""
    parent, child = route.wanted[:2]
    below_another = houses.ids | {parent: houses.other_parents[parent]}
    missing = below_another | {child: uuid4()}
    part = next(one for one in _readers(route) if one[0] == _owner_of(route))
    visitor, log = houses.of_owner(part), houses.log(part[0])
    for verb in ("GET", "POST"):
        found, nothing = (answer(visitor, verb, route.at(ids)) for ids in (below_another, missing))
        assert found.status_code in (404, 405), verb
        assert same(found, nothing), verb
    assert visitor.post(route.at(below_another), FILLED_IN).status_code in (404, 405)
    assert [kind for kind in log.said() if not ACCESS.fullmatch(kind)] == []


@pytest.mark.parametrize("route", PRIVATE, ids=_name)
def test_looking_changes_nothing(houses: Houses, route: Route) -> None:
    """A link that somebody else wrote must not act: only a form with its token does."""
    owner = _owner_of(route)
    for part in _readers(route):
        if part[0] == owner:
            visitor, log = houses.of_owner(part), houses.log(owner)
            found = answer(visitor, "GET", route.at(houses.ids))
            assert found.status_code in (200, 302, 405), (part, found.status_code)
            changed = [kind for kind in log.said() if not ACCESS.fullmatch(kind)]
            assert not changed, (part, changed)
            if found.status_code == 200 and found["Content-Type"].startswith("text/html"):
                assert not preselected(found.content.decode(), found.wsgi_request.path), part


@pytest.mark.parametrize("route", [one for one in CHANGING if one.consequence in ("confirm", "final")], ids=_name)
def test_act_with_consequences_changes_nothing_before_it_is_confirmed(houses: Houses, route: Route) -> None:
    """One click of somebody who may: where its form is complete, a preview is shown, and nothing is recorded."""
    able = [one for one in parts() if may(one, route.read) and may(one, route.write)]
    part = next((one for one in able if one[0] == _owner_of(route)), able[0])
    visitor, log = houses.of_owner(part), houses.log(part[0])
    found = Client.post(visitor, route.at(houses.ids))
    assert found.status_code < 500
    assert [kind for kind in log.said() if not ACCESS.fullmatch(kind)] == [], part


@pytest.mark.parametrize("route", CHANGING, ids=_name)
def test_form_without_its_token_is_refused(houses: Houses, route: Route) -> None:
    part = next(part for part in parts() if may(part, route.read) and may(part, route.write))
    client = Client(enforce_csrf_checks=True)
    client.cookies = houses.of_owner(part).cookies
    assert answer(client, "POST", route.at(houses.missing())).status_code == 403


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_operation_without_a_good_key_says_the_same_to_all(houses: Houses, operation: Operation) -> None:
    row, revoked = api_keys.create_key(houses.owner("provider"), name="Gone", scopes=["releases:read"])
    api_keys.revoke_key(houses.owner("provider"), row.id)
    presented = [{}, *({"Authorization": f"Bearer {text}"} for text in ("", "tut_x_y", "nothing", revoked))]
    answers = [
        Client().generic(operation.verb, operation.at(ids), b"{}", "application/json", headers=headers)
        for headers in presented
        for ids in (houses.ids, houses.missing())
    ]
    assert {one.status_code for one in answers} == {401}
    assert all(same(answers[0], one) for one in answers)


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_key_without_the_scope_is_refused_before_anything_is_looked_up(houses: Houses, operation: Operation) -> None:
    for kind in _kinds(Kind.values, operation):
        scopes = [scope for scope, carried in SCOPES.items() if operation.permission not in carried]
        headers = houses.key(houses.owner(kind), *scopes)
        found, nothing = (
            Client().generic(operation.verb, operation.at(ids), b"{}", "application/json", headers=headers)
            for ids in (houses.ids, houses.missing())
        )
        assert found.status_code == 403, kind
        assert same(found, nothing), kind


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_key_of_the_wrong_organisation_gets_nothing_and_learns_nothing(houses: Houses, operation: Operation) -> None:
    """With the right scope but in the wrong hands: a foreign id is told from a missing one by nobody."""
    scope = next(scope for scope, carried in SCOPES.items() if operation.permission in carried)
    log = houses.log("provider")
    for kind in _kinds(set(Kind.values) - {"centre"} - OPEN_TO.get(operation.permission, set()), operation):
        # Of each operation a message of its own.
        headers = {**houses.key(houses.elsewhere(kind), scope), "Idempotency-Key": secrets.token_hex(8)}
        found, nothing = (
            Client().generic(operation.verb, operation.at(ids), b"{}", "application/json", headers=headers)
            for ids in (houses.ids, houses.missing())
        )
        if operation.path in OWN:
            assert found.status_code == 200, (kind, found.content)
            continue
        assert 400 <= found.status_code < 500, (kind, found.status_code, found.content)
        assert same(found, nothing), (kind, found.content, nothing.content)
    assert not log.said()


def test_answers_are_compared_by_what_they_say(houses: Houses) -> None:
    """The comparison that all of this rests on sees a different answer, and no difference between two ids."""
    client = houses.of_owner(("provider", "lead"))
    shown, other, missing = (
        answer(client, "GET", address)
        for address in ("/desk/", f"/desk/candidates/{UUID(int=1)}/", f"/desk/candidates/{UUID(int=2)}/")
    )
    assert not same(shown, other)
    assert same(other, missing)
