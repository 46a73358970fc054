"""What goes back to the source of a list: verdicts of the desk, words by hand, hashes; what is fetched beside it."""

from __future__ import annotations

import base64
import io
import json
import re
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.indicators.partner_lists.test_sync import at, reader, wanted
from tests.support.cast import Cast
from tests.support.detection_world import CONFIRM_VIEWED, REJECT, World, body
from tests.support.fakes.hashsharing import MEMBER, Twin, entry, streaming
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.exchange.feeds.http_client import Guarded
from tutela.exchange.hash_sharing import serializer
from tutela.exchange.hash_sharing.entries import SharedReason
from tutela.exchange.hash_sharing.parser import read_feedback
from tutela.indicators import jobs
from tutela.indicators.models import PartnerEntry, PartnerList, PartnerPrint
from tutela.indicators.partner_lists import (
    entries,
    export,
    fingerprints,
    grants,
    releases,
    source_feedback,
    subscriptions,
    sync,
)

GUID = "00000000-0000-4000-8000-000000000001"


class Source:
    """The writing side of a source: what it was told, and what it answers."""

    def __init__(self, status: int = 200) -> None:
        self.told, self.status = list[httpx.Request](), status
        guarded = Guarded(resolve=lambda _host, _port: ["93.184.215.14"], transport=streaming(self.reply))
        self.send, self.get = guarded.send, guarded.get

    def reply(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/reasons"):
            return httpx.Response(
                self.status, content=serializer.reasons("pdq", [SharedReason(GUID, "Example reason")])
            )
        self.told.append(request)
        return httpx.Response(self.status, content=serializer.accepted())


def _read(owner: Actor, *names: str, **more: Any) -> tuple[UUID, dict[str, UUID]]:
    """A list that was read, and the ids of its entries."""
    twin, made = Twin(), subscriptions.enter(owner, wanted(**more))
    for number, name in enumerate(names):
        twin.put(entry(name, twin.clock, number))
    twin.clock += 100
    with at(twin):
        sync.pull(owner, made, reader(twin))
    with acting(owner):
        return made, {row.key.partition("-")[2]: row.pk for row in PartnerEntry.objects.filter(list=made)}


@pytest.fixture
def owner(cast: Cast) -> Actor:
    return cast.actor(cast.pixelpost, "lead")


def _slug(owner: Actor, made: UUID) -> str:
    return subscriptions.load_subscription(owner, made)[0].row.list_id


def test_a_yes_and_a_no_reach_the_source_as_its_format_has_them(owner: Actor) -> None:
    made, ids = _read(owner, "n1", "n2")
    source_feedback.agree(owner, made, tells=True, reason_guid=GUID)
    assert source_feedback.say(owner, made, [ids["n1"]], right=True) == 1
    assert source_feedback.say(owner, made, [ids["n2"]], right=False) == 1
    source = Source()
    assert source_feedback.tell(owner, made, source.send) == 2
    yes, no = source.told
    assert (yes.method, yes.url.path) == ("PUT", f"/npo/v2/entries/{MEMBER.id}/n1/PDQ/feedback")
    assert yes.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert yes.headers["Authorization"].startswith("Basic ")
    assert read_feedback(yes.content) is None
    assert read_feedback(no.content) == [GUID]
    assert source_feedback.tell(owner, made, source.send) == 0, "once"
    assert all(one.sent_at for one in source_feedback.words(owner, made))


def test_nothing_is_told_without_the_owners_word(owner: Actor, cast: Cast) -> None:
    made, ids = _read(owner, "n1")
    with pytest.raises(Conflict):
        source_feedback.say(owner, made, [ids["n1"]], right=True)
    with acting(owner):
        assert not source_feedback.note(owner, _slug(owner, made), ids["n1"], right=True)
    for actor, error in (
        (cast.actor(cast.pixelpost, "reviewer"), Forbidden),
        (cast.actor(cast.other_provider, "lead"), NotFound),
    ):
        with pytest.raises(error):
            source_feedback.agree(actor, made, tells=True)
    with pytest.raises(Invalid):
        source_feedback.agree(owner, made, tells=True, reason_guid="<x>")
    source_feedback.agree(owner, made, tells=True)
    with acting(owner):
        assert not source_feedback.note(owner, _slug(owner, made), uuid4(), right=True)
        assert source_feedback.note(owner, _slug(owner, made), ids["n1"], right=True)
        assert not source_feedback.note(owner, _slug(owner, made), ids["n1"], right=True), "each verdict once"
    stranger, slug = cast.actor(cast.other_provider, "lead"), _slug(owner, made)
    with acting(stranger):
        assert not source_feedback.note(stranger, slug, ids["n1"], right=False)


def test_what_the_source_refuses_is_tried_again_and_shown(owner: Actor) -> None:
    made, ids = _read(owner, "n1", "n2")
    source_feedback.agree(owner, made, tells=True)
    source_feedback.say(owner, made, [ids["n1"]], right=True)
    source_feedback.say(owner, made, [ids["n2"]], right=False)
    broken = Source(503)
    for _ in range(source_feedback.TRIES + 2):
        assert source_feedback.tell(owner, made, broken.send) == 0
    assert len(broken.told) == source_feedback.TRIES, "and the no without a reason was never sent"
    errors = {one.key: one.detail for one in source_feedback.words(owner, made)}
    assert errors == {f"{MEMBER.id}-n1": "HTTP 503", f"{MEMBER.id}-n2": "choose a reason for a negative answer"}
    with acting(owner):
        assert not source_feedback.due()


def test_the_sources_reasons_are_offered(owner: Actor) -> None:
    made, _ids = _read(owner, "n1")
    assert source_feedback.reasons(owner, made, Source().get) == [SharedReason(GUID, "Example reason")]
    with pytest.raises(Conflict, match="HTTP 500"):
        source_feedback.reasons(owner, made, Source(500).get)
    other = subscriptions.enter(owner, wanted(format="stopncii", secret="fetch,sub,feedback"))
    assert source_feedback.reasons(owner, other, Source().get) == []


def test_a_decision_at_the_desk_is_told(cast: Cast) -> None:
    world = World(cast)
    made, ids = _read(world.lead, "n1")
    source_feedback.agree(world.lead, made, tells=True, reason_guid=GUID)
    slug = _slug(world.lead, made)
    message = body("near-pdq", register=False, entry=ids["n1"])
    message["matches"][0]["list_id"] = slug
    candidate = world.candidate(message)
    world.opened(world.reviewer, candidate, REJECT)
    source = Source()
    assert source_feedback.tell(world.lead, made, source.send) == 1
    assert read_feedback(source.told[0].content) == [GUID]
    second = world.candidate(message | {"item": "item-2", "sha256": "1" * 64})
    world.opened(world.reviewer, second, CONFIRM_VIEWED)
    assert source_feedback.tell(world.lead, made, source.send) == 1
    assert read_feedback(source.told[1].content) is None


def test_stopncii_is_told_in_its_own_words_and_takes_hashes(owner: Actor) -> None:
    made = subscriptions.enter(owner, wanted(format="stopncii", about="other", secret="fetch,sub,feedback"))
    value = secrets.token_hex(32)
    record = {
        "lastModtimestamp": 1000,
        "signalType": "ImagePDQ",
        "hashValue": value,
        "hashStatus": "Active",
        "caseNumbers": [],
        "CSPFeedbacks": [],
    }
    page = {
        "count": 1,
        "nextPageToken": None,
        "nextSetTimestamp": 1000,
        "hasMoreRecords": False,
        "hashRecords": [record],
    }
    reading = Guarded(
        resolve=lambda _host, _port: ["93.184.215.14"],
        transport=streaming(lambda _request: httpx.Response(200, json=page)),
    )
    sync.pull(owner, made, reading.get)
    source_feedback.agree(owner, made, tells=True)
    with acting(owner):
        (found,) = PartnerEntry.objects.filter(list=made)
    source_feedback.say(owner, made, [found.pk], right=False)
    source = Source()
    assert source_feedback.tell(owner, made, source.send) == 1
    assert source_feedback.submit(owner, made, [("image", value), ("video", "a" * 32)], source.send) == 2
    told, given = source.told
    assert (told.method, told.url.path, told.headers["x-functions-key"]) == ("POST", "/npo/SubmitFeedback", "feedback")
    assert json.loads(told.content) == {
        "count": 1,
        "hashFeedbacks": [{"hashValue": value, "feedbackValue": "NotBlocked", "tags": []}],
    }
    sent = json.loads(given.content)
    assert (given.url.path, sent["count"]) == ("/npo/SubmitHashes", 2)
    assert [one["signalType"] for one in sent["hashRecords"]] == ["ImagePDQ", "VideoMD5"]
    for wrong in ([("image", "zz")], []):
        with pytest.raises(Invalid):
            source_feedback.submit(owner, made, wrong, source.send)
    other = subscriptions.enter(owner, wanted())
    with pytest.raises(Conflict):
        source_feedback.submit(owner, other, [("image", value)], source.send)


def _with_href(href: str, kind: str = "tmk-pdqf") -> bytes:
    made = serializer.entries([entry("n1", 1000, 1)])
    if kind in ("md5", "sha1", "pdq"):
        made = re.sub(f"<{kind}>.*?</{kind}>".encode(), b"", made)
    return made.replace(b"</fingerprints>", f'<{kind} rel="self" href="{href}"/></fingerprints>'.encode(), 1)


def test_fingerprints_behind_an_address_are_fetched_once_and_sealed(owner: Actor) -> None:
    asked, look = list[str](), secrets.token_bytes(5000)

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if "fingerprints" in request.url.path:
            return httpx.Response(200, content=look)
        return httpx.Response(200, content=_with_href("/v2/entries/42/fingerprints/TMK_PDQF"))

    made = subscriptions.enter(owner, wanted())
    guarded = Guarded(resolve=lambda _host, _port: ["93.184.215.14"], transport=streaming(reply))
    twin = Twin(clock=2000)
    with at(twin):
        sync.pull(owner, made, guarded.get)
        twin.clock += 4000
        sync.pull(owner, made, guarded.get)
    assert asked.count("/npo/v2/entries/42/fingerprints/TMK_PDQF") == 1
    with acting(owner):
        (found,) = PartnerEntry.objects.filter(list=made)
        assert entries.listed_entry(found, fingerprints.fingerprints_of([found])[found.pk]).hashes["tmk-pdqf"] == (
            base64.b64encode(look).decode(),
        )
        assert look[:40] not in bytes(PartnerPrint.objects.get(entry=found).sealed)
    subscriptions.end(owner, made, "Over")
    with acting(owner):
        assert not PartnerPrint.objects.filter(entry__list=made).exists()


@pytest.mark.parametrize("raw", [True, False])
def test_a_fetched_digest_is_released_exported_and_shown(cast: Cast, raw: bool) -> None:
    value, named = secrets.token_hex(16), wanted()
    body = bytes.fromhex(value) if raw else f"{value.upper()}\n".encode()
    held = cast.actor(cast.hotline_ie, "analyst")
    answers = [_with_href("/v2/entries/42/fingerprints/MD5", "md5")]

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body if "fingerprints" in request.url.path else answers[-1])

    made = subscriptions.enter(held, named)
    guarded = Guarded(resolve=lambda _host, _port: ["93.184.215.14"], transport=streaming(reply))
    twin = Twin(clock=2000)
    with at(twin):
        grants.give(
            held, made, cast.pixelpost.organisation_id, legal_basis="x", valid_to=clock.now() + timedelta(days=9)
        )
        sync.pull(held, made, guarded.get)
        assert value in snapshot_of(held, made)
        file = io.StringIO()
        export.export(held, named.list_id, file, export.sink("jsonl", "x"), "jsonl")
        assert value in file.getvalue()
        (line,) = entries.page(held, made)[0]
        assert "md5" in line.kinds
        # A newer state of the entry that names it no more takes it away.
        answers.append(serializer.entries([entry("n1", 3000, 1)]))
        twin.clock += 4000
        sync.pull(held, made, guarded.get)
        assert value not in snapshot_of(held, made)


def snapshot_of(owner: Actor, made: UUID) -> set[str]:
    """The MD5 of every entry as the list is passed on, beside what its snapshot counts."""
    with acting(owner):
        row = PartnerList.objects.get(pk=made)
        records = list(releases._records(owner, row))
    released = releases.publish(owner, made)
    assert released is not None
    assert released.entries == len(records)
    return {value for one in records for value in one.md5}


@pytest.mark.parametrize("body", [b"zz", b"", b"\xff" * 15, b"d41d8cd98f00b204e9800998ecf8427e"])
def test_what_stands_behind_an_address_and_is_no_digest_is_left_out(owner: Actor, body: bytes) -> None:
    assert entries._read("md5", body) == ""


@pytest.mark.parametrize("href", ["https://evil.example/v2/x", "//evil.example/v2/x", "/v1/x", "/v2/../../x y", ""])
def test_an_address_that_leads_elsewhere_is_never_asked(owner: Actor, href: str) -> None:
    asked = list[str]()

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=_with_href(href))

    made = subscriptions.enter(owner, wanted())
    guarded = Guarded(resolve=lambda _host, _port: ["93.184.215.14"], transport=streaming(reply))
    with at(Twin(clock=2000)):
        sync.pull(owner, made, guarded.get)
    assert asked
    assert all("/npo/v2/entries?" in one for one in asked)
    with acting(owner):
        assert PartnerEntry.objects.filter(list=made).count() == 1, "the entry itself was read"


def test_what_cannot_be_fetched_is_named_and_given_up_in_the_end(owner: Actor) -> None:
    asked = list[str]()

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if "fingerprints" in request.url.path:
            return httpx.Response(404)
        return httpx.Response(200, content=_with_href("/v2/entries/42/fingerprints/TMK_PDQF"))

    made = subscriptions.enter(owner, wanted())
    guarded = Guarded(resolve=lambda _host, _port: ["93.184.215.14"], transport=streaming(reply))
    twin = Twin(clock=2000)
    for _ in range(fingerprints.TRIES + 2):
        with at(twin):
            done = sync.pull(owner, made, guarded.get)
        twin.clock += 4000
    assert asked.count("/npo/v2/entries/42/fingerprints/TMK_PDQF") == fingerprints.TRIES
    assert not done.error
    shown, pulls = subscriptions.load_subscription(owner, made)
    assert any("tmk-pdqf at an address: HTTP 404" in one.reasons for one in pulls), shown


def test_the_pages_agree_and_tell(cast: Cast, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    made, ids = _read(owner, "n1")
    source = Source()
    monkeypatch.setattr(source_feedback, "Guarded", lambda _networks: source)
    browser = cast.client(cast.pixelpost, "lead")
    assert "Example reason" in browser.get(f"/desk/partner-lists/{made}/feedback/").content.decode()
    form = {"tells": "1", "reason_guid": GUID}
    assert browser.post(f"/desk/partner-lists/{made}/feedback/", form).status_code == 302
    sent = {"which": "wrong", "entry": [str(ids["n1"])]}
    assert browser.post(f"/desk/partner-lists/{made}/entries/", sent).status_code == 302
    assert ">pending<" in browser.get(f"/desk/partner-lists/{made}/").content.decode()
    jobs.tell_source(str(owner.organisation_id), str(made))
    assert read_feedback(source.told[0].content) == [GUID]
    assert ">notified<" in browser.get(f"/desk/partner-lists/{made}/").content.decode()
    assert cast.client(cast.other_provider, "lead").get(f"/desk/partner-lists/{made}/feedback/").status_code == 404
