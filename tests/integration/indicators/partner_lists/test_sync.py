"""Lists of others: read with crashes at every page, shown with age and errors, seen by nobody else, never active."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.db import OperationalError, connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.cast import Cast
from tests.support.fakes.hashsharing import Twin, entry, streaming
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.feeds.http_client import Guarded, HttpAnswer
from tutela.exchange.hash_sharing.client import HashSharing
from tutela.indicators import jobs
from tutela.indicators.models import Indicator, PartnerCheckpoint, PartnerEntry, PartnerPull
from tutela.indicators.partner_lists import subscriptions, sync
from tutela.indicators.partner_lists.faults import SourceFault
from tutela.indicators.partner_lists.subscriptions import SubscriptionInput

BASE = "https://lists.example/npo"
DAY = 24 * 60 * 60


@pytest.fixture
def owner(cast: Cast) -> Actor:
    return cast.actor(cast.hotline_ie, "analyst")


def wanted(**more: Any) -> SubscriptionInput:
    terms = {
        "list_id": f"list-{secrets.token_hex(4)}",
        "name": "Their list",
        "source": "Other centre",
        "format": "hashsharing",
        "about": "csam",
        "base_url": BASE,
        "username": "us",
        "secret": "s3cret",
        "every": 60,
        "legal_basis": "Agreement of 2026",
    }
    return SubscriptionInput(**{**terms, **more})


def enter(owner: Actor, **more: Any) -> UUID:
    return subscriptions.enter(owner, wanted(**more))


def reader(twin: Twin) -> sync.Fetch:
    """The guarded client, on its way to the twin."""
    guarded = Guarded(resolve=lambda _host, _port: ["93.184.215.14"], transport=twin.transport())
    return guarded.get


def at(twin: Twin) -> Any:
    return clock.simulate(lambda: datetime.fromtimestamp(twin.clock, UTC))


def stored(owner: Actor, list_id: UUID) -> dict[str, tuple[datetime, dict[str, str]]]:
    with acting(owner):
        rows = PartnerEntry.objects.filter(list=list_id, withdrawn_at=None)
        return {row.key: (row.at, subscriptions.opened(row)["hashes"]) for row in rows}


def there(twin: Twin) -> dict[str, tuple[datetime, dict[str, str]]]:
    return {key: (one.at, one.fingerprints) for key, one in twin.live().items()}


def filled(twin: Twin, count: int) -> None:
    for number in range(count):
        twin.put(entry(f"n{number}", twin.clock + number % 4, number))
    twin.clock += 100


class Crash(Exception):
    """The process dies here."""


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_a_crash_at_every_page_loses_and_doubles_nothing(
    owner: Actor, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    twin = Twin(size=2, seed=3, repeat=True)
    filled(twin, 7)
    made, die = enter(owner), [0]
    merge, read = sync._merge, HashSharing.read

    def dying(name: str, act: Any) -> Any:
        def inner(*args: Any, **kwargs: Any) -> Any:
            done = act(*args, **kwargs) if name != "before" else None
            if when == name:
                die[0] += 1
                if die[0] % 2:
                    raise Crash
            return done if name != "before" else act(*args, **kwargs)

        return inner

    monkeypatch.setattr(HashSharing, "read", dying("before", read))
    monkeypatch.setattr(sync, "_merge", dying("during", merge))
    monkeypatch.setattr(sync, "_page", dying("after", sync._page))
    with at(twin):
        for _ in range(40):
            try:
                sync.pull(owner, made, reader(twin))
                break
            except Crash:
                continue
        twin.put(entry("n0", twin.clock, deleted=True))
        twin.put(entry("n1", twin.clock, 99))
        twin.clock += 100
        for _ in range(10):
            try:
                sync.pull(owner, made, reader(twin))
                break
            except Crash:
                continue
    assert stored(owner, made) == there(twin)
    assert die[0] > 4
    with acting(owner):
        assert PartnerEntry.objects.filter(list=made).count() == 7, "the withdrawn one keeps its key"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 3), st.booleans(), st.integers(0, 9)), max_size=12),
    st.integers(1, 3),
    st.booleans(),
)
def test_incremental_pulls_end_where_one_full_pull_does(
    owner: Actor, log: list[tuple[str, int, bool, int]], size: int, repeat: bool
) -> None:
    twin, made = Twin(size=size, repeat=repeat), enter(owner)
    with at(twin):
        for number, (name, seconds, deleted, value) in enumerate(log):
            twin.clock += seconds
            before = twin.rows.get(f"42-{name}")
            when = max(twin.clock, int(before.at.timestamp()) + before.deleted) if before else twin.clock
            twin.put(entry(name, when, value, deleted=deleted))
            if number % 3 == 0:
                sync.pull(owner, made, reader(twin))
        twin.clock += 100
        sync.pull(owner, made, reader(twin))
    assert stored(owner, made) == there(twin)


def test_two_readers_cannot_go_on_from_the_same_place(owner: Actor) -> None:
    twin = Twin(size=2)
    filled(twin, 3)
    made = enter(owner)

    def overtaken(url: str, headers: dict[str, str]) -> HttpAnswer:
        with acting(owner):
            row = PartnerCheckpoint.objects.select_for_update().get(list=made)
            row.serial += 1
            row.save()
        return reader(twin)(url, headers)

    with at(twin):
        pull = sync.pull(owner, made, overtaken)
    assert pull.error == "source.overtaken"
    assert stored(owner, made) == {}


def test_an_address_that_the_server_forgot_begins_the_window_anew(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = Twin(size=2)
    filled(twin, 6)
    made = enter(owner)
    monkeypatch.setattr(sync, "MOST_PAGES", 1)
    with at(twin):
        sync.pull(owner, made, reader(twin))
        twin.instead = [httpx.Response(410)]
        for _ in range(30):
            sync.pull(owner, made, reader(twin))
    assert stored(owner, made) == there(twin)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401), "HTTP 401"),
        (httpx.Response(200, content=b"<html/>"), "the root is not queryResult"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example"}), "The address redirects"),
        (httpx.Response(503), "HTTP 503"),
    ],
)
def test_what_went_wrong_is_said_and_the_next_pull_goes_on(owner: Actor, answer: httpx.Response, said: str) -> None:
    twin = Twin()
    filled(twin, 2)
    made = enter(owner)
    with at(twin):
        twin.instead = [answer]
        failed = sync.pull(owner, made, reader(twin))
        assert failed.error in SourceFault
        assert said in failed.detail
        assert "s3cret" not in failed.detail
        assert sync.pull(owner, made, reader(twin)).error == ""
    assert len(stored(owner, made)) == 2


def test_broken_and_unknown_things_are_named(owner: Actor) -> None:
    twin = Twin()
    filled(twin, 2)
    body = twin.answer("from=1970-01-01T00:00:00Z&to=2001-01-01T00:00:00Z").replace(b"<pdq>" + b"0" * 64, b"<pdq>zz")
    made = enter(owner)
    with at(twin):
        twin.instead = [httpx.Response(200, content=body.replace(b"A1", b"Q9"))]
        pull = sync.pull(owner, made, reader(twin))
    assert (pull.added, pull.broken) == (1, 1)
    assert pull.reasons == "42-n0: pdq: must be 64 hexadecimal digits"
    assert pull.unknown == "classification of another scale"


def _record(value: int, status: str = "Active", stamp: int = 100, **more: Any) -> dict[str, Any]:
    return {
        "lastModtimestamp": stamp,
        "signalType": "ImagePDQ",
        "hashValue": f"{value:064X}",
        "hashStatus": status,
        "caseNumbers": [],
        "CSPFeedbacks": [],
        **more,
    }


def _ncii(records: list[Any], *, token: str | None = None, stamp: int = 200) -> httpx.Response:
    body = {
        "count": len(records),
        "nextPageToken": token,
        "nextSetTimestamp": stamp,
        "hasMoreRecords": bool(token),
        "hashRecords": records,
    }
    return httpx.Response(200, content=json.dumps(body).encode())


def test_stopncii_withdrawn_and_deleted_are_gone(owner: Actor) -> None:
    twin, seen = Twin(clock=1_800_000_000), list[httpx.Request]()
    made = enter(
        owner, format="stopncii", about="other", secret="fetch,subscription", base_url="https://ncii.example/v1"
    )

    def fetch(url: str, headers: dict[str, str]) -> HttpAnswer:
        def reply(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return twin.instead.pop(0)

        resolve = lambda _host, _port: ["93.184.215.14"]  # noqa: E731
        return Guarded(resolve=resolve, transport=streaming(reply)).get(url, headers)

    first = [_record(n) for n in range(4)]
    with at(twin):
        twin.instead = [
            _ncii([*first[:2], {"hashStatus": 7}], token="t 1"),
            _ncii([*first[2:], _record(9, signalType="VideoTMK", hashValue="x" * 500)]),
        ]
        pull = sync.pull(owner, made, fetch)
        assert (pull.added, pull.broken, pull.error, pull.unknown) == (5, 1, "", "signalType VideoTMK")
        twin.clock += DAY
        gone = {"caseNumbers": {"case-1": "Withdrawn", "case-2": "Deleted"}}
        twin.instead = [
            _ncii([_record(0, "Withdrawn", 300), _record(1, "Deleted", 300), _record(2, stamp=300, **gone)])
        ]
        assert sync.pull(owner, made, fetch).withdrawn == 3
        assert {hashes.get("pdq") for _at, hashes in stored(owner, made).values()} == {f"{3:064x}", None}
        twin.clock += 31 * DAY  # too old: everything again, and what it does not see any more is gone
        twin.instead = [_ncii([_record(0, "Active", 100)], stamp=400)]
        assert sync.pull(owner, made, fetch).error == ""
    assert [hashes for _at, hashes in stored(owner, made).values()] == []
    assert [str(one.url.params.get("startTimestamp")) for one in seen] == ["10", "10", "200", "10"]
    assert seen[1].url.params["nextPageToken"] == "t 1"
    assert (seen[0].headers["x-functions-key"], seen[0].headers["ocp-apim-subscription-key"]) == (
        "fetch",
        "subscription",
    )


def test_stopncii_a_refused_token_begins_the_set_anew(owner: Actor) -> None:
    twin = Twin(clock=1_800_000_000)
    made = enter(owner, format="stopncii", about="other", secret="a,b")
    answers = [_ncii([_record(1)], token="t"), httpx.Response(400), _ncii([_record(1)], token="u"), _ncii([_record(2)])]
    with at(twin):
        twin.instead = answers
        assert sync.pull(owner, made, reader(twin)).error == ""
    assert len(stored(owner, made)) == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"list_id": "eu-register"}, "list_id"),
        ({"list_id": "Ä"}, "list_id"),
        ({"format": "fax"}, "format"),
        ({"about": ""}, "about"),
        ({"name": " "}, "name"),
        ({"source": ""}, "source"),
        ({"secret": ""}, "secret"),
        ({"legal_basis": ""}, "legal_basis"),
        ({"every": 1}, "every"),
        ({"base_url": "http://lists.example"}, "base_url"),
        ({"base_url": "https://us:pw@lists.example"}, "base_url"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": "https://x.example/?a=1"}, "base_url"),
        ({"format": "stopncii"}, "secret"),
    ],
)
def test_a_list_that_cannot_be_is_refused_with_its_field(owner: Actor, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        enter(owner, **more)
    assert refused.value.field == field


def test_names_are_unique(owner: Actor) -> None:
    enter(owner, list_id="twice")
    with pytest.raises(Conflict):
        enter(owner, list_id="twice")


def test_an_address_inside_is_never_asked(owner: Actor) -> None:
    made = enter(owner)
    for inside in ("127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"):
        guarded = Guarded(resolve=lambda _h, _p, inside=inside: ["93.184.215.14", inside], transport=Twin().transport())
        assert "not public" in sync.pull(owner, made, guarded.get).detail, inside


def test_ending_a_list_erases_it(owner: Actor) -> None:
    twin = Twin()
    filled(twin, 3)
    made = enter(owner)
    with at(twin):
        sync.pull(owner, made, reader(twin))
        subscriptions.end(owner, made, "The agreement ended")
        with pytest.raises(NotFound):
            sync.pull(owner, made, reader(twin))
    with acting(owner):
        assert not PartnerEntry.objects.filter(list=made).exists()
    assert subscriptions.load_subscription(owner, made)[0].row.wrapped_secret in (b"", None)


def test_a_list_does_not_end_in_the_middle_of_a_page(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = Twin()
    filled(twin, 3)
    made, merge, seen = enter(owner), sync._merge, list[BaseException]()

    def end() -> None:
        try:
            with acting(owner), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
                subscriptions.end(owner, made, "Over")
        except OperationalError as error:
            seen.append(error)
        finally:
            connection.close()

    def ends_meanwhile(*given: Any) -> Any:
        thread = Thread(target=end)
        thread.start()
        thread.join()
        return merge(*given)

    monkeypatch.setattr(sync, "_merge", ends_meanwhile)
    with at(twin):
        sync.pull(owner, made, reader(twin))
    assert "lock timeout" in str(seen[0])


def test_nothing_of_it_is_in_the_register_and_nobody_else_sees_it(cast: Cast, owner: Actor) -> None:
    twin = Twin()
    filled(twin, 2)
    made = enter(owner)
    with acting(owner):
        before = Indicator.objects.count()
    with at(twin):
        sync.pull(owner, made, reader(twin))
    stranger = cast.actor(cast.hotline_de, "analyst")
    with acting(owner):
        assert Indicator.objects.count() == before
    with pytest.raises(NotFound):
        subscriptions.load_subscription(stranger, made)
    assert made not in [one.row.pk for one in subscriptions.list_subscriptions(stranger)]
    with pytest.raises(NotFound):
        subscriptions.end(stranger, made, "mine now")
    with acting(cast.centre):
        assert not PartnerEntry.objects.filter(list=made).exists()
    with pytest.raises(Forbidden):
        enter(cast.actor(cast.pixelpost, "reviewer"))


def test_due_lists_are_ordered(cast: Cast, owner: Actor) -> None:
    made = enter(owner, every=60)

    def due() -> list[UUID]:
        with acting(owner):
            return [row.pk for row in subscriptions.due(owner)]

    assert due() == [made]
    with acting(owner):
        PartnerPull.objects.create(organisation_id=owner.organisation_id, list_id=made)
    assert due() == []
    with clock.simulate(clock.now() + timedelta(hours=2)):
        assert due() == [made]
    jobs.pull_due(0)


@pytest.fixture
def browser(cast: Cast) -> Iterator[Client]:
    return cast.client(cast.hotline_ie, "analyst")


def test_the_pages(cast: Cast, owner: Actor, browser: Client) -> None:
    assert Client().get("/desk/partner-lists/").status_code == 302
    empty = browser.get("/desk/partner-lists/")
    assert b"reads no partner list" in empty.content
    form = {
        "list_id": f"p-{secrets.token_hex(3)}",
        "name": "Their list",
        "source": "Other centre",
        "format": "hashsharing",
        "about": "csam",
        "base_url": "http://inside",
        "username": "us",
        "secret": "swordfish-7",
        "every": "60",
        "legal_basis": "Agreement",
    }
    assert b"cannot be used" in browser.post("/desk/partner-lists/new/", form).content
    answer = browser.post("/desk/partner-lists/new/", {**form, "base_url": BASE}, follow=True)
    assert b"read for the first time" in answer.content
    address = answer.redirect_chain[-1][0]
    twin = Twin()
    filled(twin, 2)
    made = UUID(address.rstrip("/").rpartition("/")[2])
    twin.instead = [httpx.Response(500)]
    with at(twin):
        sync.pull(owner, made, reader(twin))
    assert b"HTTP 500" in browser.get(address).content
    with at(twin):
        sync.pull(owner, made, reader(twin))
    shown = browser.get(address).content
    assert b"<dd>2</dd>" in shown
    assert b"swordfish" not in shown
    assert b"Other centre" in browser.get("/desk/partner-lists/").content
    assert browser.post(f"{address}pull/", follow=True).status_code == 200
    assert b"Enter a reason" in browser.post(f"{address}end/", {"reason": ""}, follow=True).content
    assert b"erased" in browser.post(f"{address}end/", {"reason": "Over"}, follow=True).content
    assert cast.client(cast.hotline_de, "analyst").get(address).status_code == 404
    assert browser.get(f"/desk/partner-lists/{uuid4()}/").status_code == 404
    with acting(owner):
        kinds = set(
            Event.objects.filter(subject_kind="partner_list", subject_id=str(made)).values_list("kind", flat=True)
        )
    assert kinds == {"partner_list.entered", "partner_list.failed", "partner_list.page", "partner_list.ended"}
