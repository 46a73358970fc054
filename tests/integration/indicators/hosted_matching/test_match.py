"""The hosted match service and the private look-up: who may ask, how much, and what an answer gives away."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from tests.integration.indicators.register.test_register import _active, _propose, _scheme
from tests.support.cast import Cast
from tutela import clock
from tutela.app.cli import app
from tutela.app.cli.offline import lookup
from tutela.events.actor import Actor
from tutela.events.models import Event, EventFacts
from tutela.events.transaction import acting
from tutela.indicators.access import grants, quotas
from tutela.indicators.hosted_matching import match, private_lookup_set
from tutela.indicators.hosted_matching.errors import SetNotReady
from tutela.indicators.integrity import edge_alerts
from tutela.indicators.models import HashValue, MatchUse
from tutela.indicators.register import detail, revoke
from tutela.indicators.release_files import version_files
from tutela.organisations.keys import signing
from tutela.tlog import voprf
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.private_lookup import ValueSet
from tutela.tlog.verify import Refused

__all__ = ["_scheme"]
MATCH, VALUES, SET = "/api/v1/match", "/api/v1/lookup/values", "/api/v1/lookup/set"


@pytest.fixture
def asker(cast: Cast) -> Actor:
    """A provider that may ask, and holds no list."""
    made = cast.organisation("Forum", "provider", "IE")
    grant(cast, made)
    return made


def grant(cast: Cast, to: Actor, per_day: int = 0) -> UUID:
    return grants.give(
        cast.centre,
        to.organisation_id,
        list_id=quotas.MATCH_ID,
        purpose="reporting",
        legal_basis="DSA Art. 16",
        valid_to=clock.now() + timedelta(days=9),
        per_day=per_day,
    )


def ask(headers: dict[str, str], *values: str, kind: str = "sha256") -> Any:
    body = {"digests": [{"kind": kind, "value": value} for value in values]}
    return Client().post(MATCH, body, "application/json", headers=headers)


def facts(cast: Cast, kind: str) -> str:
    with acting(cast.centre):
        event = Event.objects.filter(kind=kind).order_by("-at", "-id").first()
        assert event is not None
        return EventFacts.objects.get(event=event).facts


def test_yes_and_no_have_one_length_and_no_distance(cast: Cast, asker: Actor) -> None:
    listed, absent = secrets.token_hex(32), secrets.token_hex(32)
    made = _active(cast, listed)
    key = cast.key(asker, "matches:ask")
    yes, no = ask(key, listed.upper()), ask(key, absent)
    assert yes.json() == {"results": [{"match": 1, "entry": str(made)}]}
    assert no.json() == {"results": [{"match": 0, "entry": str(match.NO_INDICATOR)}]}
    assert len(yes.content) == len(no.content)
    revoke.revoke(cast.centre, made, "Not what it was taken for")
    assert ask(key, listed).json() == no.json(), "a withdrawn entry matches no more, at once"
    said = facts(cast, "match.asked")
    assert listed not in said
    assert json.loads(said)["digests"] == 1


def test_a_stranger_then_the_wrong_organisation(cast: Cast, asker: Actor) -> None:
    value = secrets.token_hex(32)
    assert ask({}, value).status_code == 401
    assert ask(cast.key(asker, "releases:read"), value).status_code == 403
    other = cast.organisation("Nobody", "provider", "IE")
    for method, path, body in (
        ("post", MATCH, {"digests": [{"kind": "md5", "value": "0" * 31 + "1"}]}),
        ("post", VALUES, {"points": ["00" * 32]}),
        ("get", SET, None),
    ):
        client: Any = getattr(Client(), method)
        assert client(path, body, content_type="application/json").status_code == 401
        key = cast.key(other, "matches:ask")
        assert client(path, body, content_type="application/json", headers=key).status_code == 403, path
    key = cast.key(asker, "releases:read")
    assert Client().get(f"/api/v1/releases/{version_files.LIST_ID}/head", headers=key).status_code == 403, (
        "it opens no list"
    )
    assert Client().get(f"/api/v1/releases/{quotas.MATCH_ID}/head", headers=key).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"digests": []},
        {"digests": [{"kind": "pdq", "value": "0" * 64}]},
        {"digests": [{"kind": "md5", "value": "x"}]},
        {"digests": [{"kind": "md5", "value": "1" * 32}] * 101},
        {"digests": [{"kind": "md5", "value": "1" * 32, "more": 1}]},
    ],
)
def test_what_cannot_be_asked_is_refused(cast: Cast, asker: Actor, body: dict[str, Any]) -> None:
    key = cast.key(asker, "matches:ask")
    assert Client().post(MATCH, body, "application/json", headers=key).status_code == 422
    for points in ([], ["zz"], ["00" * 32], ["ff" * 32], ["00"] * 3, ["11" * 32] * 101):
        assert Client().post(VALUES, {"points": points}, "application/json", headers=key).status_code == 422, points


def test_a_spent_budget_is_an_alert_and_ends_with_the_day(cast: Cast) -> None:
    asker = cast.organisation("Greedy", "provider", "IE")
    grant(cast, asker, per_day=3)
    key = cast.key(asker, "matches:ask")
    assert ask(key, *(secrets.token_hex(32) for _ in range(3))).status_code == 200
    for _ in range(2):
        assert ask(key, secrets.token_hex(32)).status_code == 429
    point = match.voprf.blind(b"x").point.hex()
    assert Client().post(VALUES, {"points": [point]}, "application/json", headers=key).status_code == 429
    mine = [one for one in edge_alerts.list_edge_alerts(cast.centre)[0] if one.sender.id == asker.organisation_id]
    assert [one.alert.code for one in mine] == ["budget_spent"]
    page = cast.client(cast.centre, "lead").get("/desk/indicators/alerts/").content.decode()
    assert "has reached its daily limit" in page
    with clock.simulate(clock.now() + timedelta(days=1)):
        tomorrow = match.match(cast.centre, asker, [("sha256", secrets.token_hex(32))])
    assert tomorrow == [match.NO_INDICATOR]


def test_a_match_needs_as_many_questions_as_none(cast: Cast, asker: Actor) -> None:
    listed, counts = secrets.token_hex(32), list[int]()
    _active(cast, listed)
    match.match(cast.centre, asker, [("sha256", listed)])
    for value in (listed, secrets.token_hex(32)):
        with CaptureQueriesContext(connection) as asked:
            match.match(cast.centre, asker, [("sha256", value)])
        counts.append(len(asked))
    assert counts[0] == counts[1] > 5


def test_trying_hashes_is_an_alert(cast: Cast, asker: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "LEAST_ASKED", 10)
    listed = [secrets.token_hex(32) for _ in range(3)]
    for value in listed:
        _active(cast, value)
    key = cast.key(asker, "matches:ask")

    def codes() -> list[str]:
        return [
            one.alert.code
            for one in edge_alerts.list_edge_alerts(cast.centre)[0]
            if one.sender.id == asker.organisation_id
        ]

    ask(key, *(secrets.token_hex(32) for _ in range(20)), listed[0])
    assert codes() == [], "a stream of uploads matches now and then"
    ask(key, *listed, *listed)
    ask(key, *listed)
    assert codes() == ["enumeration"]
    with acting(cast.centre):
        use = MatchUse.objects.get(recipient_id=asker.organisation_id)
    assert (use.asked, use.matched) == (30, 10)


@pytest.fixture
def node(cast: Cast, asker: Actor) -> Iterator[httpx.Client]:
    headers = cast.key(asker, "matches:ask")
    transport = httpx.WSGITransport(app=get_wsgi_application())
    with httpx.Client(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client


def test_a_private_look_up_tells_the_node_nothing(cast: Cast, node: httpx.Client) -> None:
    listed, absent = secrets.token_hex(32), secrets.token_hex(32)
    made = _active(cast, listed)
    seen = list[bytes]()
    node.event_hooks["request"] = [lambda request: seen.append(request.read())]
    items = [item_bytes("sha256", listed), item_bytes("sha256", absent)]
    assert lookup.look_up(node, items) == [True, False]
    first = seen[-1]
    assert lookup.look_up(node, items) == [True, False]
    assert not set(json.loads(first)["points"]) & set(json.loads(seen[-1])["points"]), "never twice alike"
    assert all(listed.encode() not in one and absent.encode() not in one for one in seen)
    assert json.loads(facts(cast, "lookup.asked"))["points"] == 2
    revoke.revoke(cast.centre, made, "Not what it was taken for")
    assert lookup.look_up(node, items) == [False, False]


def test_the_set_is_fetched_once_and_says_nothing(cast: Cast, node: httpx.Client, tmp_path: Path) -> None:
    listed, keep = secrets.token_hex(32), tmp_path / "set"
    _active(cast, listed)
    statuses = list[int]()
    node.event_hooks["response"] = [lambda answer: statuses.append(answer.status_code)]
    items = [item_bytes("sha256", listed)]
    assert lookup.look_up(node, items, keep=keep) == [True]
    assert lookup.look_up(node, items, keep=keep) == [True]
    assert statuses == [200, 200, 304, 200]
    assert bytes.fromhex(listed) not in keep.read_bytes()
    found = ValueSet.parse(keep.read_bytes())
    keys = [one.public for one in signing.public_keys(cast.centre.organisation_id, "lookup") if one.state == "current"]
    assert found.key in keys
    with pytest.raises(Refused, match="different key"):
        lookup.look_up(node, items, public_key=secrets.token_hex(32), keep=keep)


def test_another_key_than_that_of_the_set_is_refused(cast: Cast, node: httpx.Client, tmp_path: Path) -> None:
    keep, items = tmp_path / "set", [item_bytes("sha256", secrets.token_hex(32))]
    _active(cast)
    lookup.look_up(node, items, keep=keep)
    data = keep.read_bytes()
    other = match.Secret.generate().public.hex()
    mine = ValueSet.parse(data).key.hex()
    keep.write_bytes(data.replace(mine.encode(), other.encode()))
    with pytest.raises(Refused, match="did not use the secret"):
        lookup.look_up(node, items, keep=keep)


@pytest.mark.parametrize("cut", [b"", b"x", b"tutela-lookup/1\n", b"tutela-lookup/1\n{}\n", b"tutela-lookup/1\n[]\n12"])
def test_what_is_no_set_is_refused(cut: bytes) -> None:
    with pytest.raises(Refused):
        ValueSet.parse(cut)


def test_the_set_is_ready_before_somebody_asks(cast: Cast, asker: Actor) -> None:
    _active(cast)
    match.prepare(cast.centre)
    file, tag = match.values(cast.centre, asker)
    assert file is not None
    assert match.values(cast.centre, asker, tag) == (None, tag)
    assert len(ValueSet.parse(file.read_bytes())) > 0


def _held(cast: Cast, asker: Actor) -> tuple[ValueSet, str]:
    file, tag = match.values(cast.centre, asker)
    assert file is not None
    return ValueSet.parse(file.read_bytes()), tag


def _value(cast: Cast, digest: str) -> bytes:
    with acting(cast.centre):
        secret = match._secret(cast.centre)
    return voprf.value(secret, item_bytes("sha256", digest))


def test_a_change_is_taken_into_the_set_as_it_is(cast: Cast, asker: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [secrets.token_hex(32) for _ in range(6)]
    made = [_active(cast, one) for one in listed[:5]]
    match.prepare(cast.centre)
    monkeypatch.setattr(private_lookup_set, "whole", lambda *_: pytest.fail("only what changed is read"))
    monkeypatch.setattr(private_lookup_set, "PIECE", 24)
    before, tag = _held(cast, asker)
    revoke.revoke(cast.centre, made[0], "Not what it was taken for")
    _active(cast, listed[5])
    after, other = _held(cast, asker)
    assert [after.holds(_value(cast, one)) for one in listed] == [False, True, True, True, True, True]
    assert len(after) >= len(before) - 2
    assert other != tag
    rows = [bytes(after.values[at : at + 8]) for at in range(0, len(after.values), 8)]
    assert rows == sorted(set(rows))
    monkeypatch.undo()
    with acting(cast.centre):
        private_lookup_set.LookupSet.objects.all().delete()
    again, _tag = _held(cast, asker)
    assert bytes(again.values) == bytes(after.values), "as if it were made of all rows"


def test_a_set_that_took_longer_replaces_none_that_was_made_meanwhile(
    cast: Cast, asker: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = secrets.token_hex(32)
    made = _active(cast, digest)
    with acting(cast.centre):
        private_lookup_set.LookupSet.objects.all().delete()
        secret = match._secret(cast.centre)
    whole, active = private_lookup_set.whole, private_lookup_set._active

    def slow(centre: Actor) -> Iterator[list[UUID]]:
        """All rows as they were; then another makes the set, and a removal is taken into it."""
        seen = list(active(centre))
        monkeypatch.setattr(private_lookup_set, "_active", active)
        whole(centre, secret)
        revoke.suspend(cast.centre, made, "Doubtful")
        while private_lookup_set.follow(centre, secret):
            pass
        yield from seen

    monkeypatch.setattr(private_lookup_set, "_active", slow)
    whole(cast.centre, secret)
    found, _tag = _held(cast, asker)
    assert not found.holds(_value(cast, digest))


def test_values_are_computed_of_what_is_active_alone(cast: Cast, asker: Actor) -> None:
    proposed = _propose(cast.hotline_ie)
    active = _active(cast)
    match.prepare(cast.centre)
    with acting(cast.centre):
        key = signing.key_id_of(match._secret(cast.centre).public)
        known = set(HashValue.objects.filter(key_id=key).values_list("hash__indicator_id", flat=True))
    assert active in known
    assert proposed not in known


def test_a_large_set_is_made_by_the_job_and_many_changes_too(
    cast: Cast, asker: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _active(cast)
    with acting(cast.centre):
        private_lookup_set.LookupSet.objects.all().delete()
    monkeypatch.setattr(private_lookup_set, "MANY", 0)
    with pytest.raises(SetNotReady):
        match.values(cast.centre, asker)
    monkeypatch.undo()
    match.prepare(cast.centre)
    _set, tag = _held(cast, asker)
    _active(cast)
    monkeypatch.setattr(private_lookup_set, "MANY", 0)
    assert match.values(cast.centre, asker, tag) == (None, tag), "the last one, until the job has come"


def test_where_nobody_may_ask_nothing_is_kept(cast: Cast, asker: Actor) -> None:
    listed = secrets.token_hex(32)
    file, _tag = match.values(cast.centre, asker)
    assert file is not None
    _active(cast, listed)
    private_lookup_set.forget(cast.centre)
    assert not file.exists()
    with acting(cast.centre):
        assert not private_lookup_set.behind(0)
    found, _tag = _held(cast, asker)
    assert found.holds(_value(cast, listed))


def test_a_set_that_is_lost_or_of_another_key_is_made_anew(cast: Cast, asker: Actor) -> None:
    listed = secrets.token_hex(32)
    _active(cast, listed)
    file, _tag = match.values(cast.centre, asker)
    assert file is not None
    file.unlink()
    found, _tag = _held(cast, asker)
    assert found.holds(_value(cast, listed))


def test_the_command_needs_a_key_and_a_centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "picture"
    file.write_bytes(b"a landscape")
    monkeypatch.delenv("TUTELA_CENTRE_TOKEN", raising=False)
    run = CliRunner().invoke
    assert run(app, ["lookup", str(file), "--centre", "http://127.0.0.1:9"]).exit_code == 2
    monkeypatch.setenv("TUTELA_CENTRE_TOKEN", "tut_x_y")
    assert run(app, ["lookup", str(file), "--centre", "http://127.0.0.1:9"]).exit_code == 5


def test_a_grant_of_matching_is_given_on_the_page(cast: Cast) -> None:
    asker = cast.organisation("Small", "provider", "IE")
    form = {
        "grantee": str(asker.organisation_id),
        "what": quotas.MATCH_ID,
        "per_day": "50",
        "legal_basis": "DSA",
        "days": "30",
    }
    page = cast.client(cast.centre, "lead").post("/desk/indicators/grants/new/", form, follow=True)
    assert "matching only" in page.content.decode()
    with acting(cast.centre):
        assert quotas.budget_of(quotas.granted(asker)) == 50


def test_who_asks_says_how_a_match_turned_out(cast: Cast, asker: Actor, client: Client) -> None:
    made = _active(cast)
    path = f"/api/v1/releases/{quotas.MATCH_ID}/entries/{made}/feedback"
    key = cast.key(asker, "releases:read")
    answer = client.post(path, {"verdict": "confirmed"}, "application/json", headers=key)
    assert answer.json() == {"suspended": False}
    assert detail.load_detail(cast.centre, made).tally.right == 1
