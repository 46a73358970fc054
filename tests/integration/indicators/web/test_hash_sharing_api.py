"""The register as a feed of NCMEC's Hash Sharing API: python-threatexchange's own client reads it, unchanged."""

from __future__ import annotations

import base64
import itertools
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from threatexchange.exchanges.clients.ncmec import hash_api
from threatexchange.exchanges.impl import ncmec_api
from threatexchange.signal_type.pdq.signal import PdqSignal

from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.hash_sharing.parser import read_page
from tutela.indicators.access import grants
from tutela.indicators.feed import change_feed, hash_sharing_entries
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.register import certify, dispute, propose, revoke, votes
from tutela.law import classification

CLASS = "eu-2011-93:known-material"
BASE = "/hashsharing/eu-register/v2"
# The feed's time never runs back, and all tests share one register: each looks a little later than the one before.
_ahead = itertools.count(10, 10)
_offset = timedelta()


def _now() -> datetime:
    return datetime.now(UTC) + _offset


@pytest.fixture(autouse=True)
def _later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}
    classification.import_scheme(cast.centre, scheme)
    wait()
    monkeypatch.setenv("TZ", "UTC")  # the foreign client writes local time with a Z
    time.tzset()
    with clock.simulate(_now):
        yield


def wait() -> None:
    """Ten seconds pass, for us and for the foreign client."""
    global _offset
    _offset = timedelta(seconds=next(_ahead))


def active(cast: Cast, *, variants: int = 1, media: str = "image") -> UUID:
    given = [HashValue("sha256", secrets.token_hex(32)), HashValue("md5", secrets.token_hex(16))]
    given += [HashValue("pdq", secrets.token_hex(32), 90, "tutela-pdq/1") for _ in range(variants)]
    made = propose.propose(cast.hotline_ie, given=given, media_type=media, classification=CLASS, reason="Assessed")
    assert certify.certify(cast.hotline_de, made)
    return made


def key(cast: Cast, organisation: Actor, *, granted: bool = True, purpose: str = "reporting") -> str:
    """An API key of an organisation, with a grant of the list."""
    if granted:
        grants.give(
            cast.centre,
            organisation.organisation_id,
            list_id="eu-register",
            purpose=purpose,
            legal_basis="DSA Art. 18",
            valid_to=clock.now() + timedelta(days=30),
        )
    return cast.key(organisation, "releases:read")["Authorization"].removeprefix("Bearer ")


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"esp:{password}".encode()).decode()}


def stamp(cast: Cast) -> None:
    with acting(cast.centre):
        change_feed.stamp_waiting(cast.centre)


def window(since: datetime, until: datetime) -> str:
    return f"{BASE}/entries?from={since:%Y-%m-%dT%H:%M:%SZ}&to={until:%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def server() -> Iterator[str]:
    """A running node's web server; its base address."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    made = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)

    def serve() -> None:
        with clock.simulate(_now):
            made.serve_forever(poll_interval=0.01)
        connections.close_all()

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_port}/hashsharing/eu-register"
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


@pytest.fixture
def foreign(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """The library's exchange and its client, as it is: only its closed list of addresses is passed by."""
    fake = SimpleNamespace(time=lambda: _now().timestamp())
    monkeypatch.setattr(ncmec_api, "time", fake)
    monkeypatch.setattr(hash_api, "time", fake)
    password = key(cast, cast.pixelpost)
    with server() as base:
        environment: Any = SimpleNamespace(value=base)
        collab = ncmec_api.NCMECCollabConfig(name="tutela", environment=environment)
        credentials = ncmec_api.NCMECCredentials("esp", password)
        exchange = ncmec_api.NCMECSignalExchangeAPI.for_collab(collab, credentials)
        yield exchange, exchange.get_client(environment)


def pull(exchange: Any, store: dict[str, Any], checkpoint: Any = None) -> Any:
    for delta in exchange.fetch_iter([PdqSignal], checkpoint):
        exchange.naive_fetch_merge(store, delta.updates)
        checkpoint = delta.checkpoint
    return checkpoint


def signals(exchange: Any, store: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = exchange.naive_convert_to_signal_type([PdqSignal], exchange.collab, store).get(
        PdqSignal, {}
    )
    return found


def keys_of(cast: Cast, indicator: UUID) -> str:
    return f"{hash_sharing_entries.number_of(cast.hotline_ie.organisation_id)}-{indicator}"


def test_the_librarys_own_client_pulls_pages_updates_and_withdrawals(
    cast: Cast, foreign: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange, _client = foreign
    monkeypatch.setattr(change_feed, "PAGE", 3)
    made = [active(cast) for _ in range(7)]
    stamp(cast)
    wait()
    store: dict[str, Any] = {}
    checkpoint = pull(exchange, store)
    assert {keys_of(cast, one) for one in made} <= set(store)
    assert {store[keys_of(cast, one)].fingerprints["pdq"] for one in made} <= set(signals(exchange, store))
    revoke.revoke(cast.centre, made[0], "Not what it was taken for")
    dispute.dispute(cast.hotline_de, made[1], "It shows something else")
    votes.confirm(cast.actor(cast.authority, "analyst"), made[2])
    stamp(cast)
    wait()
    pull(exchange, store, checkpoint)
    assert not {keys_of(cast, one) for one in made[:2]} & set(store), "withdrawn is gone"
    said = store[keys_of(cast, made[2])].feedback["Pdq"]
    assert {one.member.esp_name for one in said} == {
        cast.hotline_de.organisation_name,
        cast.authority.organisation_name,
    }
    assert {one.feedback_type for one in said} == {hash_api.FeedbackType.upvote}


def test_a_checkpoint_in_the_middle_of_a_window_goes_on(
    cast: Cast, foreign: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _exchange, client = foreign
    monkeypatch.setattr(change_feed, "PAGE", 2)
    since = int(_now().timestamp())
    made = [active(cast) for _ in range(5)]
    stamp(cast)
    wait()
    until = int(_now().timestamp())
    first = client.get_entries(start_timestamp=since, end_timestamp=until)
    assert (first.get_next_info().start, first.get_next_info().max) == (3, 5)
    late = active(cast)
    stamp(cast)
    rest = list(client.get_entries_iter(start_timestamp=since, end_timestamp=until, resume_paging_url=first.next))
    read = [one.id for page in (first, *rest) for one in page.updates]
    assert sorted(read) == sorted(map(str, made))
    assert str(late) not in read


def test_status_members_and_votes(cast: Cast, foreign: tuple[Any, Any]) -> None:
    _exchange, client = foreign
    made = active(cast)
    stamp(cast)
    assert client.status().esp_name == cast.pixelpost.organisation_name
    known = {one.esp_name: one.esp_id for one in client.members()}
    member = known[cast.hotline_ie.organisation_name]
    client.submit_upvote(member, str(made), hash_api.FingerprintType.pdq)
    with acting(cast.centre):
        tally = votes.tally(with_state().get(pk=made))
    assert (tally.right, tally.wrong) == (1, 0)
    guid = hash_sharing_entries.REASONS["false"].guid
    vote = hash_api.FeedbackType.downvote
    client.submit_feedback(member, str(made), hash_api.FingerprintType.md5, vote, guid)
    with acting(cast.centre):
        assert votes.tally(with_state().get(pk=made)).wrong == 1


def test_false_positives_of_two_recipients_withdraw_an_entry(cast: Cast) -> None:
    made = active(cast)
    stamp(cast)
    member = hash_sharing_entries.number_of(cast.hotline_ie.organisation_id)
    guid = hash_sharing_entries.REASONS["false"].guid
    body = f"<feedbackSubmission><negative><reasonIds><guid>{guid}</guid></reasonIds></negative></feedbackSubmission>"
    for provider in (cast.pixelpost, cast.other_provider):
        answer = Client().put(
            f"{BASE}/entries/{member}/{made}/PDQ/feedback",
            body,
            "application/xml",
            headers=basic(key(cast, provider)),
        )
        assert answer.status_code == 200, answer.content
    stamp(cast)
    since = clock.now() - timedelta(seconds=5)
    wait()
    page = read_page(Client().get(window(since, clock.now()), headers=basic(key(cast, cast.pixelpost))).content)
    assert next(one for one in page.entries if one.id == str(made)).deleted


def test_a_members_yes_is_a_vote(cast: Cast) -> None:
    made = active(cast)
    stamp(cast)
    key(cast, cast.authority, purpose="indicators")  # the grant
    machine = cast.key(cast.authority, "releases:read", "indicators:certify")["Authorization"].removeprefix("Bearer ")
    member = hash_sharing_entries.number_of(cast.hotline_ie.organisation_id)
    body = "<feedbackSubmission><affirmative/></feedbackSubmission>"
    path = f"{BASE}/entries/{member}/{made}/MD5/feedback"
    assert Client().put(path, body, "application/xml", headers=basic(machine)).status_code == 200
    with acting(cast.centre):
        assert votes.tally(with_state().get(pk=made)).confirmed == 1


def test_variants_are_entries_of_their_own(cast: Cast) -> None:
    made, film = active(cast, variants=2), active(cast, media="video")
    stamp(cast)
    since = clock.now() - timedelta(seconds=5)
    wait()
    page = read_page(Client().get(window(since, clock.now()), headers=basic(key(cast, cast.pixelpost))).content)
    mine = {one.id: sorted(one.fingerprints) for one in page.entries if one.id.startswith(str(made))}
    assert mine == {str(made): ["md5", "pdq"], f"{made}-2": ["pdq"]}
    assert next(one for one in page.entries if one.id == str(film)).fingerprints.keys() == {"md5"}


def test_a_stranger_then_the_wrong_organisation(cast: Cast) -> None:
    made = active(cast)
    stamp(cast)
    paths = [f"{BASE}/status", f"{BASE}/members", f"{BASE}/entries", f"{BASE}/feedback/PDQ/reasons"]
    for path in paths:
        for headers in ({}, basic("tut_x_y"), {"Authorization": "Basic !"}):
            answer = Client().get(path, headers=headers)
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Basic realm="Hash sharing"')
        assert Client().get(path, headers=basic(key(cast, cast.other_provider, granted=False))).status_code == 403
    wrong = cast.key(cast.pixelpost, "candidates:submit")["Authorization"].removeprefix("Bearer ")
    assert Client().get(paths[2], headers=basic(wrong)).status_code == 403
    assert Client().get(paths[2].replace("eu-", "no-"), headers=basic(key(cast, cast.pixelpost))).status_code == 403
    assert Client().post(paths[2], headers=basic(key(cast, cast.pixelpost))).status_code == 405
    assert Client().get("/hashsharing/eu-register/v2/other").status_code == 404
    assert made


def test_a_class_that_comes_to_count_is_sent_again(cast: Cast) -> None:
    values = [{"value": "b2", "label": "B2"}]
    scheme = {"code": "ncmec", "title": "T", "version": "1", "source": "N", "values": values}
    classification.import_scheme(cast.centre, scheme)
    made = active(cast)
    stamp(cast)
    password = basic(key(cast, cast.pixelpost))

    def sent(since: datetime) -> list[str]:
        page = read_page(Client().get(window(since, clock.now()), headers=password).content)
        return [one.classification for one in page.entries if one.id == str(made)]

    since = clock.now() - timedelta(seconds=5)
    votes.reclassify(cast.hotline_ie, made, "ncmec:b2", "Assessed again")
    stamp(cast)
    wait()
    assert sent(since) == [""], "one country is not enough, and the format has no word for the other scheme"
    since = clock.now() - timedelta(seconds=5)
    votes.reclassify(cast.hotline_de, made, "ncmec:b2", "Indeed")
    stamp(cast)
    wait()
    assert sent(since) == ["B2"]


def test_an_ended_grant_ends_the_feed(cast: Cast) -> None:
    password = key(cast, cast.pixelpost)
    assert Client().get(f"{BASE}/entries", headers=basic(password)).status_code == 200
    with acting(cast.centre):
        mine = [row for row, entry in grants.list_grants() if entry.id == cast.pixelpost.organisation_id]
    for row in mine:
        grants.end(cast.centre, row.id)
    assert Client().get(f"{BASE}/entries", headers=basic(password)).status_code == 403


def test_every_access_is_on_record(cast: Cast) -> None:
    password = key(cast, cast.pixelpost)

    def read() -> int:
        with acting(cast.centre):
            return Event.objects.filter(kind="feed.read").count()

    before = read()
    Client().get(f"{BASE}/entries", headers=basic(password))
    assert read() == before + 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-02-10", "to"),
        ("from=2026-02-11T00:00:00Z&to=2026-02-10T00:00:00Z", "to"),
        ("to=2099-01-01T00:00:00Z", "to"),
        ("after=%21&start=1&max=1", "after"),
        ("after=MSAy&start=1&max=1", "after"),
    ],
)
def test_a_window_that_cannot_be_is_refused_with_its_field(cast: Cast, query: str, field: str) -> None:
    answer = Client().get(f"{BASE}/entries?{query}", headers=basic(key(cast, cast.pixelpost)))
    assert answer.status_code == 422
    assert f"<message>{field}: ".encode() in answer.content


def test_feedback_names_what_is_wrong(cast: Cast) -> None:
    made = active(cast)
    stamp(cast)
    headers, member = basic(key(cast, cast.pixelpost)), hash_sharing_entries.number_of(cast.hotline_ie.organisation_id)
    yes = "<feedbackSubmission><affirmative/></feedbackSubmission>"
    no = "<feedbackSubmission><negative><reasonIds><guid>g</guid></reasonIds></negative></feedbackSubmission>"

    def put(path: str, body: str) -> int:
        return Client().put(f"{BASE}/entries/{path}/feedback", body, "application/xml", headers=headers).status_code

    assert put(f"{member}/{made}/PDQ", no) == 422
    assert put(f"{member}/{made}/PDQ", "<x/>") == 400
    assert put(f"{member}/{made}/PHASH9", yes) == 404
    assert put(f"{member + 1}/{made}/PDQ", yes) == 404
    assert put(f"{member}/{uuid4()}/PDQ", yes) == 404
    assert put(f"{member}/image-1/PDQ", yes) == 404
