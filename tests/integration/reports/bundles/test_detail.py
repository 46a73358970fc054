"""Bundles: explained, merged, split, taken back; people are never merged, and what people split stays apart."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from lxml import etree

from tests.support import cybertips
from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.cybertip.police_json import read_police
from tutela.exchange.cybertip.to_report import Filed, canonical
from tutela.reports.bundles import detail, merge_split
from tutela.reports.models import Report
from tutela.reports.scoring import link_keys


def where(centre: Centre, *ids: UUID) -> list[UUID]:
    return [centre.row(one).bundle_id for one in ids]


def pair(centre: Centre, **shared: Any) -> tuple[UUID, UUID]:
    """Two reports of different items that share what is said."""
    return centre.file(report(items=[item()], **shared)), centre.file(report(items=[item()], **shared))


def alike(centre: Centre, report_id: UUID) -> dict[UUID, list[str]]:
    full = detail.open_bundle(centre.analyst, centre.row(report_id).bundle_id)
    return {one.row.report_id: [str(label) for label in one.labels] for one in full.alike}


WORDS = {"text": f"nine words that are said {secrets.token_hex(8)} by nobody else"}
PDQ = {"pdq": [{"hash": secrets.token_hex(32), "quality": 90, "hasher": "x/1"}]}


@pytest.mark.parametrize(
    ("shared", "label"),
    [
        ({"users": [account("shared-name")]}, "the same account"),
        ({"locations": [{"ip": "192.0.2.77", "port": 4711, "at": "2026-01-02T03:04:05Z"}]}, "the same address"),
        ({"other": WORDS}, "the same text"),
    ],
    ids=["account", "address", "words"],
)
def test_likeness_is_explained_and_joins_nothing(cast: Cast, shared: dict[str, Any], label: str) -> None:
    centre = Centre(cast)
    first, second = pair(centre, **{"users": [], "locations": [], **shared})
    assert len(set(where(centre, first, second))) == 2
    assert label in " ".join(alike(centre, first)[second])


def test_the_same_perceptual_hash_is_a_likeness(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = (centre.file(report(items=[{**item(), **PDQ}], locations=[])) for _ in range(2))
    assert alike(centre, first)[second] == ["the same perceptual hash"]


def bare(**digests: str) -> dict[str, Any]:
    """An item with these digests alone."""
    return {"item_id": str(uuid4()), "kind": "image", "sightings": [{"at": clock.now().isoformat()}], **digests}


@pytest.mark.parametrize(
    ("name", "digits", "label"), [("md5", 16, "the same MD5"), ("sha1", 20, "the same SHA-1")], ids=["md5", "sha1"]
)
def test_a_digest_that_can_be_forged_suggests_and_joins_nothing(cast: Cast, name: str, digits: int, label: str) -> None:
    """The file of a police import with its MD5 alone, and of a provider that has the SHA-256 too."""
    centre, digest = Centre(cast), {name: secrets.token_hex(digits)}
    weak, strong = bare(**digest), bare(**digest, sha256=secrets.token_hex(32))
    first, second = (centre.file(report(items=[one], locations=[], users=[])) for one in (weak, strong))
    assert len(set(where(centre, first, second))) == 2
    (said,) = alike(centre, first)[second]
    assert said.startswith(label)
    assert "can be made to share" in said


def imported(number: int, md5: str, name: str) -> dict[str, Any]:
    """A report as police receive it from NCMEC: of its file the MD5 is all that is said."""
    file = {"filename": f"{name}.jpg", "verificationHash": md5}
    inside = {"reportingEsp": {"espName": "Pixelpost"}, "uploadedFiles": {"uploadedFiles": [file]}}
    return {"reportId": number, "dateReceived": "2026-02-03T04:05:06Z", "reportedInformation": inside}


def test_a_file_that_police_received_twice_is_suggested(cast: Cast) -> None:
    centre, md5 = Centre(cast), secrets.token_hex(16)
    number = secrets.randbelow(10**9)
    first, second = (centre.file(read_police(imported(number + n, md5, f"f{n}"))) for n in range(2))
    assert len(set(where(centre, first, second))) == 2
    assert [said.split(" (")[0] for said in alike(centre, first)[second]] == ["the same MD5"]


def chat(*texts: str) -> dict[str, Any]:
    """A service as the CyberTipline's details describe it: `path: text`, a text over several lines."""
    lines = [f"chatImIncident/chatClient: Chat {secrets.token_hex(4)}"]
    lines += [
        f"chatImIncident/content: {text}\nchatImIncident/additionalInfo: {secrets.token_hex(4)}" for text in texts
    ]
    return {"kinds": ["interpersonal_communication"], "name": "Chat", "details": "\n".join(lines)}


def test_chats_that_say_the_same_are_alike_each_by_itself(cast: Cast) -> None:
    centre, token = Centre(cast), secrets.token_hex(8)
    text = f"nine words that are said\n{token} by nobody else"
    services = [chat("hello", text), chat(text.upper().replace("\n", " ")), chat("hello"), chat("hello")]
    first, second, third, fourth = (
        centre.file(report(items=[item()], users=[], locations=[], service=one)) for one in services
    )
    assert alike(centre, first) == {second: ["the same text"]}
    assert fourth not in alike(centre, third), "what everybody says is no likeness"
    with acting(centre.machine):
        assert token.encode() not in b"".join(bytes(one) for one in centre.row(first).traits or ())


def test_the_chat_of_a_tip_is_compared(cast: Cast) -> None:
    """As a third party's client files it, whatever else the two say."""
    centre, text = Centre(cast), f"nine words that are said {secrets.token_hex(8)} by nobody else"
    tips = [
        cybertips.report(
            inside=f"<internetDetails><chatImIncident><chatClient>{client}</chatClient><content>{text}</content>"
            f"<additionalInfo>{client}</additionalInfo></chatImIncident></internetDetails>"
        )
        for client in ("one", "two")
    ]
    filed = [Filed(uuid7(), n, "Pixelpost", clock.now()) for n in range(2)]
    first, second = (
        centre.file(canonical(etree.fromstring(tip), [], one)) for tip, one in zip(tips, filed, strict=True)
    )
    assert alike(centre, first)[second] == ["the same text"]


def test_many_of_a_kind_leave_room_for_the_others() -> None:
    at = clock.now()
    places = [{"ip": "192.0.2.1", "port": 1 + n, "at": at.isoformat()} for n in range(100)]
    made = report(locations=places, items=[bare(md5=secrets.token_hex(16)) for _ in range(100)], other=WORDS)
    kinds = [trait[:1] for trait in link_keys.traits_of(made)]
    assert len(kinds) == link_keys.MOST_TRAITS
    assert {link_keys.ACCOUNT, link_keys.PLACE, link_keys.WORDS, link_keys.MD5} == {*kinds}


def test_an_address_without_a_port_is_no_likeness(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair(centre, locations=[{"ip": "192.0.2.78", "at": "2026-01-02T03:04:06Z"}])
    assert second not in alike(centre, first)


def test_bundles_are_merged_and_taken_apart_with_a_history(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair(centre)
    target, source = where(centre, first, second)
    number = centre.row(second).bundle.number
    with pytest.raises(Invalid):
        merge_split.merge(centre.analyst, target, number, " ")
    with pytest.raises(Invalid):
        merge_split.merge(centre.analyst, target, "B-0000-0000-0", "token")
    merge_split.merge(centre.analyst, target, number, "the same scene")
    assert where(centre, first, second) == [target, target]
    (move,) = detail.open_bundle(centre.analyst, target).moves
    assert (move.reason, move.by_name) == ("the same scene", centre.analyst.name)
    merge_split.undo(centre.analyst, move.pk, "another scene")
    assert where(centre, first, second) == [target, source]
    with pytest.raises(NotFound):
        merge_split.undo(centre.analyst, move.pk, "again")
    kinds = [one.kind for one in detail.open_bundle(centre.analyst, target).moves]
    assert kinds == ["undone", "merged"]
    with acting(centre.machine):
        assert [e.kind for e in timeline("bundle", target) if e.kind != "bundle.viewed"] == ["bundle.merged"]


def test_what_is_split_stays_apart(cast: Cast) -> None:
    centre = Centre(cast)
    one, two = item(), item()
    first = centre.file(report(items=[one]))
    second = centre.file(report(items=[two]))
    both = centre.file(report(items=[one, two]))
    assert len(set(where(centre, first, second, both))) == 1
    (bundle,) = set(where(centre, first))
    joined = detail.open_bundle(centre.analyst, bundle).moves
    assert [(m.kind, m.by) for m in joined] == [("joined", "rule")]
    with pytest.raises(Invalid):
        merge_split.split(centre.analyst, bundle, [first, second, both], "all")
    made = merge_split.split(centre.analyst, bundle, [second, both], "another matter")
    assert where(centre, first, second, both) == [bundle, made, made]
    again = centre.file(report(items=[one, two], locations=[{"ip": "192.0.2.9", "at": clock.now().isoformat()}]))
    assert len(set(where(centre, first, second))) == 2, "intake did not join what people split"
    assert where(centre, again)[0] in (bundle, made)
    (move,) = [m for m in detail.open_bundle(centre.analyst, made).moves if m.kind == "split"]
    merge_split.undo(centre.analyst, move.pk, "it was one matter")
    assert where(centre, second) == [bundle]


def test_a_joined_bundle_can_be_taken_apart_too(cast: Cast) -> None:
    centre = Centre(cast)
    one, two = item(), item()
    first, second = centre.file(report(items=[one])), centre.file(report(items=[two]))
    before = where(centre, first, second)
    centre.file(report(items=[one, two]))
    (move,) = detail.open_bundle(centre.analyst, where(centre, first)[0]).moves
    merge_split.undo(centre.analyst, move.pk, "two matters")
    assert where(centre, first, second) == before
    centre.file(report(items=[one, two]))
    assert where(centre, first, second) == before


def test_the_page_is_the_desks_and_takes_decisions(cast: Cast, client: Client) -> None:
    centre = Centre(cast)
    shared = item()
    first, second = (centre.file(report(items=[shared])) for _ in range(2))
    (bundle,) = set(where(centre, first, second))
    address = f"/desk/reports/bundles/{bundle}/"
    assert client.get(address).status_code == 302
    assert cast.client(cast.pixelpost, "lead").get(address).status_code == 404
    browser = cast.client(cast.centre, "analyst")
    assert centre.row(first).number in browser.get(address).content.decode()
    answer = browser.post(f"{address}split/", {"reports": [str(second), "nonsense"], "reason": "token"}, follow=True)
    assert "Split." in answer.content.decode()
    assert len(set(where(centre, first, second))) == 2
    answer = browser.post(f"{address}merge/", {"number": "", "reason": "token"}, follow=True)
    assert "Enter the number of another bundle" in answer.content.decode()


def test_traits_go_with_the_contents(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    with acting(centre.machine):
        row = Report.objects.get(report_id=made)
        assert row.traits
        assert all(len(bytes(one)) == 16 for one in row.traits)
        assert b"account-" not in b"".join(bytes(one) for one in row.traits)
