"""A video from its proposal by hashes to an Edge that finds it, and back; the video itself never comes to the node."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tests.support.films import film, line
from tests.support.register import log
from tests.support.register import release as publish
from tests.support.videos import KINDS, encode, frames, video
from tutela import clock
from tutela.accountability.public_log import log as public_log_log
from tutela.edge.active_lists.lists_in_use import LiveLists
from tutela.edge.active_lists.log_files import log_files
from tutela.edge.active_lists.log_follower import LogBook
from tutela.edge.active_lists.release_sync import ReleaseSync
from tutela.edge.active_lists.state_store import ListStore
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys
from tutela.exchange.register.canaries import canaries
from tutela.exchange.register.certification import CertificationsError, check
from tutela.exchange.register.release import ReleaseManifest
from tutela.exchange.register.video_frames import Film, FrameLook, as_vpdq
from tutela.indicators.access import grants
from tutela.indicators.hashes import hash_lines, video_frames
from tutela.indicators.hashes.builtin_reference import resembled
from tutela.indicators.hashes.errors import KnownItem, MostlyLawful, TooFewFrames
from tutela.indicators.hashes.hash_lines import HashLine
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.integrity import active_entries
from tutela.indicators.integrity import signing as integrity_signing
from tutela.indicators.models import (
    Activation,
    Certification,
    Hold,
    Indicator,
    IndicatorFilm,
    VideoShown,
)
from tutela.indicators.register import certify, detail, dispute, lookups, proof_of_possession, revoke
from tutela.indicators.register import propose as register_propose
from tutela.indicators.register.errors import NotCertifiable, NotTheSameVideo, ShowTheVideo
from tutela.indicators.register.lookups import Claimed
from tutela.indicators.register.proof_of_possession import PossessionProof
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import certified_set, head
from tutela.matching.files.records import VIDEO
from tutela.matching.files.records import HashRecord as Listed
from tutela.matching.index.structure_hash import NO_STRUCTURE
from tutela.media import Hashed, HasherPool
from tutela.organisations.keys import signing
from tutela.scan.item_json import described
from tutela.tlog.policy import Policy

__all__ = ["_scheme"]


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1) as pool:
        yield pool


def hashed(pool: HasherPool, data: bytes) -> Hashed:
    found = pool.hash_bytes(data, tenant="house")
    assert isinstance(found, Hashed)
    return found


def told(pool: HasherPool, data: bytes) -> HashLine:
    """What the line of `tutela hash` says of a video."""
    return hash_lines.read(json.dumps({"name": "a.mp4", **described(hashed(pool, data), listed=True)}))


def propose(cast: Cast, said: HashLine, **changes: Any) -> UUID:
    given = {"media_type": "video", "classification": CLASS, "reason": "Assessed"} | changes
    return register_propose.propose(cast.hotline_ie, given=said.given, film=said.film, **given)


def made_up(count: int = 8) -> HashLine:
    return hash_lines.read(line(count))


class Edge:
    """One list of a node, kept current over its API by the client that every Edge runs."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        grants.give(
            cast.centre,
            cast.pixelpost.organisation_id,
            list_id=version_files.LIST_ID,
            purpose="reporting",
            legal_basis="Art. 16(3) DSA",
            valid_to=clock.now() + timedelta(days=1),
        )
        browser, self.lists, self.alerts = Client(), LiveLists([version_files.LIST_ID]), list[str]()

        def answer(request: httpx.Request) -> httpx.Response:
            headers = {"Authorization": request.headers.get("authorization", "")}
            got = browser.get(request.url.path, headers=headers)
            body = b"".join(got.streaming_content) if got.streaming else got.content
            return httpx.Response(got.status_code, stream=httpx.ByteStream(body))

        ways = {"base_url": "http://testserver", "transport": httpx.MockTransport(answer)}
        client = httpx.Client(headers=cast.key(cast.pixelpost, "releases:read"), **ways)  # type: ignore[arg-type]
        files = httpx.Client(**ways | {"base_url": "http://testserver/log/"})  # type: ignore[arg-type]
        book = LogBook(Policy.parse(public_log_log.policy_text()), log_files(files), folder / "log")
        keys = trusted_keys([k.public.hex() for k in signing.public_keys(cast.centre.organisation_id, "release")])
        self.sync = ReleaseSync(
            version_files.LIST_ID,
            client,
            keys,
            book,
            ListStore(folder, bytes(32)),
            self.lists,
            lambda _, error: self.alerts.append(error.code),
        )

    def matches(self, found: Hashed, entry: UUID) -> Any:
        """What it finds of an entry now; None where nothing."""
        self.sync.poll()
        assert not self.alerts
        live = self.lists.get(version_files.LIST_ID)
        assert live is not None
        return next((one for one in live.matches.match(found.digests, found.frames) if one.entry_id == entry), None)


@pytest.fixture(scope="module")
def copy() -> bytes:
    """The listed video among others, and encoded otherwise."""
    around = frames(5, 25, 320, 180, seed=70)
    return encode((*around, *frames(5, 25, 320, 180), *around), KINDS["h264-open-groups-mkv"])


def test_a_video_is_proposed_certified_released_found_by_segments_and_revoked(
    cast: Cast, pool: HasherPool, copy: bytes, tmp_path: Path
) -> None:
    made = propose(cast, told(pool, video()))
    assert certify.certify(cast.hotline_de, made, _held(told(pool, video("vp9-webm"))))
    with acting(cast.hotline_de):
        shown = VideoShown.objects.get(certification__indicator=made)
    assert (shown.basis, shown.listed_percent, shown.run) == ("frames", 100, 5)
    publish(cast.centre)
    edge = Edge(cast, tmp_path)
    longer = hashed(pool, copy)
    match = edge.matches(longer, made)
    assert (match.rule, match.corroborated) == ("near-video", True)
    assert match.footage.compared_percent == 100
    assert (match.footage.from_ms, match.footage.to_ms) == (5000, 9000)
    revoke.revoke(cast.centre, made, "It shows something else")
    head.refresh_head(cast.centre)
    log()
    assert edge.matches(longer, made) is None
    publish(cast.centre)
    assert edge.matches(longer, made) is None


def test_the_release_is_the_same_bytes_for_everybody_and_names_no_time(cast: Cast, client: Client) -> None:
    said = made_up()
    made = propose(cast, said)
    certify.certify(cast.hotline_de, made, PossessionProof(said.given))
    release = publish(cast.centre)
    assert release is not None
    found = []
    manifest = ReleaseManifest.from_bytes(Envelope.from_bytes(bytes(release.manifest)).payload)
    part = f"{release.version}/changes" if manifest.changes else f"{release.version}/snapshot"
    for provider in (cast.pixelpost, cast.other_provider):
        grants.give(
            cast.centre,
            provider.organisation_id,
            list_id=version_files.LIST_ID,
            purpose="reporting",
            legal_basis="Art. 16(3) DSA",
            valid_to=clock.now() + timedelta(days=1),
        )
        address = f"/api/v1/releases/{version_files.LIST_ID}/{part}"
        found.append(client.get(address, headers=cast.key(provider, "releases:read")).content)
    assert found[0] == found[1]
    with acting(cast.centre):
        (record,) = [entry for part in active_entries.parts([made], "") for entry in part.entries]
    assert record.flags == VIDEO
    assert said.film is not None
    assert sorted(record.pdq) == sorted(Listed(one.pdq, 90) for one in said.film.looks)
    assert all(one.pdq in found[0] for one in said.film.looks)


def test_frames_lie_sealed_and_a_provider_sees_none(cast: Cast) -> None:
    said = made_up()
    made = propose(cast, said)
    assert said.film is not None
    with acting(cast.hotline_de):
        row = IndicatorFilm.objects.get(indicator=made)
        assert video_frames.opened(row).looks == said.film.looks
        assert all(one.pdq not in bytes(row.sealed) for one in said.film.looks)
    with acting(cast.pixelpost):
        assert not IndicatorFilm.objects.filter(indicator=made).exists()
    with pytest.raises(Forbidden):
        register_propose.propose(
            cast.pixelpost, given=said.given, media_type="video", classification=CLASS, reason="x", film=said.film
        )


def _held(said: HashLine) -> PossessionProof:
    return PossessionProof(said.given, said.film)


def test_whoever_certifies_shows_that_it_holds_the_video(cast: Cast) -> None:
    said, other = made_up(10), made_up(10)
    made = propose(cast, said)
    assert said.film is not None
    few = PossessionProof((), Film(said.film.looks[:7], 7.0))
    for held, error in (
        (None, ShowTheVideo),
        (PossessionProof(), ShowTheVideo),
        (_held(other), NotTheSameVideo),
        (PossessionProof(other.given), NotTheSameVideo),
        (few, NotTheSameVideo),
    ):
        with pytest.raises(error):
            certify.certify(cast.hotline_de, made, held)
    with acting(cast.hotline_de):
        assert Certification.objects.filter(indicator=made).count() == 1, "nothing partial is stored"
    # An old digest can be forged, and the indicator has a SHA-256.
    with pytest.raises(NotTheSameVideo):
        certify.certify(cast.hotline_de, made, PossessionProof([one for one in said.given if one.kind != "sha256"]))
    assert certify.certify(cast.hotline_de, made, PossessionProof(said.given))
    with acting(cast.hotline_de):
        assert VideoShown.objects.get(certification__indicator=made).basis == "digest"


def test_four_fifths_of_the_listed_frames_are_enough(cast: Cast) -> None:
    said = made_up(10)
    made = propose(cast, said)
    assert said.film is not None
    assert certify.certify(cast.hotline_de, made, PossessionProof((), Film(said.film.looks[:8], 8.0)))


def _activated(actor: Actor, made: UUID) -> None:
    mine = {"organisation_id": actor.organisation_id, "indicator_id": made, "by": "attack"}
    Certification.objects.create(**mine, country="DE", by_name="x")
    Activation.objects.create(**mine)


def test_the_database_refuses_what_nobody_showed_and_frames_of_others(cast: Cast) -> None:
    said = made_up()
    made, other = propose(cast, said), cast.hotline_de
    picture = register_propose.propose(
        other, given=[HashValue("sha256", secrets.token_hex(32))], media_type="image", classification=CLASS, reason="x"
    )
    with pytest.raises(IntegrityError, match="same organisation"), acting(other):
        video_frames.row(other.organisation_id, picture, video_frames.passed(film())).save(force_insert=True)
    with pytest.raises(IntegrityError, match="same organisation"), acting(other):
        video_frames.row(other.organisation_id, made, video_frames.passed(film())).save(force_insert=True)
    with pytest.raises(IntegrityError, match="shows that it holds it"), acting(other):
        _activated(other, made)


def _flat(looks: Any, count: int) -> Any:
    return tuple(
        FrameLook(one.number, one.time_ms, False, one.pdq, 49 if place < count else one.quality)
        for place, one in enumerate(looks)
    )


def test_flat_frames_are_left_out_and_too_few_others_are_refused(cast: Cast) -> None:
    whole = film(12)
    kept = video_frames.passed(Film(_flat(whole.looks, 7), 12.0))
    assert (kept.told, kept.flat, kept.usable) == (12, 7, 5)
    said = HashLine([HashValue("sha256", secrets.token_hex(32))], Film(_flat(whole.looks, 8), 12.0))
    with pytest.raises(TooFewFrames, match=r"5 different frames .* has 4 of 12"):
        propose(cast, said)
    # The same frame again and again is one frame.
    still = tuple(FrameLook(n, n, False, whole.looks[0].pdq, 90) for n in range(100))
    with pytest.raises(TooFewFrames):
        video_frames.passed(Film(still, 12.0))
    zeros = tuple(FrameLook(n, n, False, bytes(32), 100) for n in range(100))
    with pytest.raises(TooFewFrames):
        video_frames.passed(Film(zeros, 12.0))


def _like_lawful(place: int) -> FrameLook:
    value = int(canaries()[place % len(canaries())]["pdq"], 16) ^ (1 << place)
    return FrameLook(10_000 + place, 10_000_000 + place, False, value.to_bytes(32), 90)


def test_frames_that_look_lawful_are_left_out_and_a_lawful_video_is_refused(cast: Cast) -> None:
    whole = film(12)
    kept = video_frames.passed(Film((*whole.looks, *map(_like_lawful, range(2))), 12.0))
    assert (kept.lawful, kept.usable) == (2, 12)
    said = HashLine([], Film((*whole.looks, *map(_like_lawful, range(4))), 12.0))
    with pytest.raises(MostlyLawful) as caught:
        propose(cast, said)
    assert caught.value.field == "frames"


def test_frames_that_were_judged_are_left_out(cast: Cast) -> None:
    whole = film(12)
    value = whole.looks[3].pdq
    judged = register_propose.propose(
        cast.hotline_ie, given=[HashValue("pdq", value.hex(), 90)], media_type="image", classification=CLASS, reason="x"
    )
    certify.certify(cast.hotline_de, judged)
    dispute.dispute(cast.hotline_de, judged, "A landscape", "not_csam")
    dispute.decide(cast.centre, judged, upheld=True, reason="Indeed")
    made = propose(cast, HashLine([], whole))
    with acting(cast.hotline_ie):
        row = IndicatorFilm.objects.get(indicator=made)
    assert (row.judged, row.usable, row.told) == (1, 11, 12)
    assert value not in {one.pdq for one in video_frames.opened(row).looks}


@pytest.mark.parametrize("part", [False, True])
def test_frames_of_a_video_that_was_judged_are_left_out(cast: Cast, part: bool) -> None:
    wrong, whole = film(10), film(80)
    judged = propose(cast, HashLine([], wrong))
    certify.certify(cast.hotline_de, judged, PossessionProof((), wrong))
    dispute.dispute(cast.hotline_de, judged, "A landscape", "not_csam")
    dispute.decide(cast.centre, judged, upheld=True, reason="Indeed")
    alike = [FrameLook(5 + 25 * n, 5 + 1000 * n, False, one.pdq, 90) for n, one in enumerate(wrong.looks)]
    if part:
        shown = [FrameLook(one.number, one.time_ms, False, secrets.token_bytes(32), 90) for one in alike]
        alike = [*shown, *(replace(one, part=True) for one in alike)]
    made = propose(cast, HashLine([], Film(tuple(sorted((*whole.looks, *alike))), 80.0)))
    with acting(cast.hotline_ie):
        row = IndicatorFilm.objects.get(indicator=made)
    assert (row.judged, row.usable, row.told) == (10, 80, 90)
    assert video_frames.opened(row).looks == whole.looks
    with pytest.raises(MostlyLawful):
        propose(cast, HashLine([], Film(tuple(sorted((*whole.looks[:30], *alike))), 30.0)))


def test_a_judged_frame_is_found_among_any_others_in_any_step() -> None:
    looks, wrong = film(300).looks, {secrets.token_bytes(32) for _ in range(200)}
    near = {one.number for one in looks[::7]}
    wrong |= {_turned(one.pdq, 31) for one in looks[::7]}
    assert video_frames._numbers_near(looks, wrong) == near
    assert video_frames._numbers_near(looks, set()) == set()


def test_no_part_of_a_frame_is_listed_kept_or_certified(cast: Cast) -> None:
    whole, smuggled = film(12), secrets.token_bytes(32)
    with_part = Film(tuple(sorted((*whole.looks, FrameLook(25, 1000, True, smuggled, 90)))), 12.0)
    made = propose(cast, HashLine([], with_part))
    assert certify.certify(cast.hotline_de, made, PossessionProof((), whole))
    release = publish(cast.centre)
    assert release is not None
    with acting(cast.centre):
        row = IndicatorFilm.objects.get(indicator=made)
        (entry,) = [entry for part in active_entries.parts([made], "") for entry in part.entries]
        values, secret = certified_set.values(cast.centre)
        certified_set.absence(values, secret, "eu-register", 1, "pdq", smuggled.hex())
    assert video_frames.opened(row).looks == whole.looks
    assert {one.value for one in entry.pdq} == {one.pdq for one in whole.looks}
    # One that an earlier version kept is not listed, either.
    assert len(video_frames.listed(with_part)) == 12


def test_a_lawful_film_between_bars_is_refused() -> None:
    whole, lawful = film(12), [_like_lawful(place) for place in range(3)]
    between = [replace(one, number=25 * n, time_ms=1000 * n, part=True) for n, one in enumerate(lawful)]
    with pytest.raises(MostlyLawful):
        video_frames.passed(Film(tuple(sorted((*whole.looks, *between))), 12.0))
    kept = video_frames.passed(Film(tuple(sorted((*whole.looks, *between[:2]))), 12.0))
    assert (kept.lawful, kept.usable) == (2, 10)
    assert kept.film.looks == whole.looks[2:], "the whole frame goes with its part"


def test_the_same_frames_are_known_under_another_files_digest(cast: Cast) -> None:
    said = made_up()
    propose(cast, said)
    with pytest.raises(KnownItem):
        propose(cast, HashLine([HashValue("sha256", secrets.token_hex(32))], said.film))


def test_the_same_frames_are_known_whatever_else_another_hasher_tells_of_them(cast: Cast) -> None:
    whole = film(12)
    first = propose(cast, HashLine([], whole))
    number = detail.load_detail(cast.hotline_ie, first).line.number
    # Told again: other numbers, times, qualities and structures, and in another order.
    again = Film(
        tuple(
            FrameLook(n, 40 * n, False, one.pdq, 80, secrets.token_bytes(32))
            for n, one in enumerate(reversed(whole.looks))
        ),
        9.0,
        "another",
    )
    with pytest.raises(KnownItem, match=f"{number} already has these frames") as caught:
        propose(cast, HashLine([HashValue("sha256", secrets.token_hex(32))], again))
    assert caught.value.field == "frames"
    fewer = replace(again, looks=again.looks[1:])
    with pytest.raises(KnownItem):
        propose(cast, HashLine([], fewer))  # the gate took one out, by what it knows now or by what was told
    more = tuple(FrameLook(90 + n, 9000 + n, False, secrets.token_bytes(32), 80, NO_STRUCTURE) for n in range(4))
    with pytest.raises(KnownItem):
        propose(cast, HashLine([], replace(again, looks=again.looks + more[:3])))
    propose(cast, HashLine([], replace(again, looks=again.looks + more)))  # another, that the dossier shows as alike
    revoke.revoke(cast.centre, first, "It shows something else")
    propose(cast, HashLine([], fewer))


def test_frames_of_a_picture_are_refused_by_name(cast: Cast) -> None:
    with pytest.raises(Invalid) as caught:
        propose(cast, made_up(), media_type="image")
    assert caught.value.field == "media_type"


def test_a_film_of_as_many_pictures_is_held_for_the_centre(cast: Cast) -> None:
    made = propose(cast, HashLine([], film(80)))
    with acting(cast.centre):
        assert "incoherent" in Hold.objects.get(subject_id=made).codes


def test_a_frames_hash_is_proven_absent_only_where_it_is(cast: Cast) -> None:
    said = made_up()
    assert said.film is not None
    made, value = propose(cast, said), said.film.looks[0].pdq.hex()
    publish(cast.centre)
    with acting(cast.centre):
        before, _ = certified_set.values(cast.centre)
    certify.certify(cast.hotline_de, made, PossessionProof(said.given))
    with acting(cast.centre):
        after, secret = certified_set.values(cast.centre)
    assert before.root != after.root
    with acting(cast.centre):
        with pytest.raises(Exception, match="is in the set"):
            certified_set.absence(after, secret, "eu-register", 1, "pdq", value)
        certified_set.absence(before, secret, "eu-register", 1, "pdq", value)


def test_proposing_and_certifying_over_the_api(cast: Cast, client: Client) -> None:
    read = json.loads(line())
    body = {
        "hashes": [{"kind": "sha256", "value": read["digests"]["sha256"]}],
        "media_type": "video",
        "classification": CLASS,
        "reason": "Assessed",
        "video": read["picture"],
    }
    key = cast.key(cast.hotline_ie, "indicators:propose")
    assert client.post("/api/v1/indicators", body, "application/json").status_code == 401
    made = client.post("/api/v1/indicators", body, "application/json", headers=key)
    assert made.status_code == 201, made.content
    address = f"/api/v1/indicators/{made.json()['id']}/certifications"
    other = cast.key(cast.hotline_de, "indicators:certify")
    bare = client.post(address, "", "application/json", headers=other)
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "line")
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""):
        unread = client.post(address, json.dumps({"video": read["picture"]}).encode(), kind, headers=other)
        assert unread.status_code == 415, unread.content
        (error,) = unread.json()["errors"]
        assert (error["field"], "application/json" in error["reason"]) == ("content-type", True)
        assert client.post(address, b"x", kind).status_code == 401, "a stranger is told nothing"
    wrong = {"digests": [{"kind": "sha256", "value": "ab" * 32}]}
    broken = client.post(address, b'{"digests": [{"kind": "crc"}]}', "application/json", headers=other)
    assert {one["field"] for one in broken.json()["errors"]} == {"digests.0.kind", "digests.0.value"}
    assert client.post(address, wrong, "application/json", headers=other).status_code == 422
    done = client.post(address, {"video": read["picture"]}, "application/json; charset=utf-8", headers=other)
    assert done.json() == {"active": True}


@pytest.mark.parametrize(
    ("place", "change", "field"),
    [
        (3, {"quality": -1}, "frames.3.quality"),
        (0, {"time_ms": -5}, "frames.0.time_ms"),
        (2, {"index": 25}, "frames.2.index"),
        (4, {"pdq": "xyz"}, "frames.4.pdq"),
    ],
)
def test_a_broken_frame_is_named_over_the_api(
    cast: Cast, client: Client, place: int, change: dict[str, Any], field: str
) -> None:
    read = json.loads(line())
    read["picture"]["frames"][place] |= change
    body = {"media_type": "video", "classification": CLASS, "reason": "x", "video": read["picture"]}
    key = cast.key(cast.hotline_ie, "indicators:propose")
    answer = client.post("/api/v1/indicators", body, "application/json", headers=key)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_the_signed_act_covers_the_frames(cast: Cast) -> None:
    said = made_up()
    assert said.film is not None
    made = propose(cast, said)
    certify.certify(cast.hotline_de, made, PossessionProof(said.given))
    file = json.dumps(integrity_signing.file_of(cast.actor(cast.hotline_de, "analyst"), made)).encode()
    assert [one.signed for one in check(file, covers=("frames", said.film.name))] == [True, True]
    with pytest.raises(CertificationsError):
        check(file, covers=("frames", film().name))


def test_the_pages_take_a_file_of_hashes_and_show_what_is_in_it(cast: Cast) -> None:
    mine, other = cast.client(cast.hotline_ie, "analyst"), cast.client(cast.hotline_de, "analyst")
    text, words = line(12), {"media_type": "image", "classification": CLASS, "reason": "Assessed"}
    file = SimpleUploadedFile("a.json", text.encode())
    page = mine.post("/desk/indicators/propose/", {**words, "file": file}, follow=True).content.decode()
    assert "12 different frames out of 12" in page
    assert "0:00:11" in page
    with acting(cast.hotline_ie):
        made = IndicatorFilm.objects.get(organisation_id=cast.hotline_ie.organisation_id).indicator_id
    found = other.get("/desk/indicators/?media=video").content.decode()
    assert str(made) in found
    assert "12 frames" in found
    assert str(made) not in other.get("/desk/indicators/?media=image").content.decode()
    address = f"/desk/indicators/{made}/certify/"
    assert "Prove that your organisation holds this video" in other.post(address, follow=True).content.decode()
    assert "This text is not a line" in other.post(address, {"held": "zz"}, follow=True).content.decode()
    wrong = SimpleUploadedFile("b.json", line(12).encode())
    assert "Your copy has 0 %" in other.post(address, {"held_file": wrong}, follow=True).content.decode()
    own = json.loads(text)
    own["digests"] = json.loads(line())["digests"]
    file = SimpleUploadedFile("a.json", json.dumps(own).encode())
    page = other.post(address, {"held_file": file}, follow=True).content.decode()
    assert "Certified. The indicator is active." in page
    assert "100 % of these frames and 100 % of its own frames, 12 in a row" in page
    said = hash_lines.read(text)
    assert said.film is not None
    assert str(made) in other.get(f"/desk/indicators/?text={said.film.name}").content.decode()


@pytest.mark.parametrize("text", ["\0", "{}", "[1]", line()[:-9], '{"digests": 1}', line(3), "é" * 9])
def test_a_file_that_is_no_line_is_refused_on_the_page(cast: Cast, text: str) -> None:
    mine = cast.client(cast.hotline_ie, "analyst")
    words = {"media_type": "video", "classification": CLASS, "reason": "Assessed"}
    answer = mine.post("/desk/indicators/propose/", {**words, "file": SimpleUploadedFile("a.json", text.encode())})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    with acting(cast.hotline_ie):
        assert not Indicator.objects.filter(organisation_id=cast.hotline_ie.organisation_id).exists()


def test_a_report_rests_on_a_video_whose_frames_it_shares(cast: Cast) -> None:
    whole = film(12)
    made = propose(cast, HashLine([], whole))
    near = [(int.from_bytes(one.pdq) ^ 5).to_bytes(32).hex() for one in whole.looks]
    others = [one.pdq.hex() for one in film(8).looks]

    def carries(*values: str) -> bool:
        claims = [{made: [Claimed("pdq", value, 90) for value in values]}]
        with acting(cast.centre):
            return lookups.look_up_all(claims)[0][made].carries

    assert carries(near[0]), "a picture that looks like a frame"
    assert carries(*near[:5], *others)
    assert not carries(*near[:4], *others)
    assert not carries(*others)


LOOKS = st.lists(
    st.builds(
        FrameLook,
        st.integers(0, 20),
        st.integers(0, 9),
        st.booleans(),
        st.one_of(
            st.binary(min_size=32, max_size=32),
            st.just(bytes(32)),
            st.sampled_from([bytes.fromhex(one["pdq"]) for one in canaries()]),
        ),
        st.sampled_from([0, 49, 50, 100]),
    ),
    max_size=40,
)


@given(LOOKS)
def test_whatever_is_given_no_flat_and_no_lawful_frame_passes(looks: list[FrameLook]) -> None:
    whole = Film(tuple(sorted(set(looks))), 9.0)
    try:
        kept = video_frames.passed(whole)
    except (TooFewFrames, MostlyLawful):
        return
    assert kept.usable >= video_frames.LEAST
    assert set(kept.film.looks) <= set(looks)
    assert all(one.quality >= 50 and any(one.pdq) for one in kept.film.looks)
    assert not any(resembled("pdq", one.pdq.hex()) for one in kept.film.looks)
    left = {one.number for one in (*kept.film.looks, *kept.parts)}
    assert not any(one.part for one in kept.film.looks)
    lawful = {one.number for one in looks if one.quality >= 50 and resembled("pdq", one.pdq.hex())}
    assert not lawful & left, "no look of a frame that a lawful picture resembles"
    assert kept.lawful == len(lawful)
    assert kept.lawful < video_frames.LAWFUL_SHARE * (kept.told - kept.flat)
    assert kept.flat + kept.lawful + len({one.number for one in kept.film.frames}) == kept.told


def test_twins_that_propose_one_video_leave_one(cast: Cast) -> None:
    said, members = made_up(), [cast.hotline_ie, cast.hotline_de]

    def attempt(member: Actor) -> UUID | str:
        try:
            return register_propose.propose(
                member,
                given=[HashValue("sha256", secrets.token_hex(32))],
                media_type="video",
                classification=CLASS,
                reason="Assessed",
                film=said.film,
            )
        except KnownItem as error:
            return str(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, members))
    assert sorted(isinstance(one, UUID) for one in answers) == [False, True]


def test_what_is_too_large_is_refused_by_its_size(cast: Cast, client: Client) -> None:
    key = cast.key(cast.hotline_ie, "indicators:propose")
    body = json.dumps({"media_type": "video", "classification": CLASS, "reason": "x", "video": {"a": "x" * 6_000_000}})
    assert client.post("/api/v1/indicators", body, "application/json", headers=key).status_code == 413
    mine = cast.client(cast.hotline_ie, "analyst")
    file = SimpleUploadedFile("a.json", b"{" + b" " * 3_000_000)
    words = {"media_type": "video", "classification": CLASS, "reason": "x", "file": file}
    assert "at most 2.5 MB" in mine.post("/desk/indicators/propose/", words).content.decode()


def test_the_references_text_proposes_and_certifies_too(cast: Cast, client: Client) -> None:
    mine, other, whole = cast.client(cast.hotline_ie, "analyst"), cast.client(cast.hotline_de, "analyst"), film(9)
    text = "".join(f"{one.number},{one.quality},{one.pdq.hex()},{one.time_ms / 1000:.3f}\n" for one in whole.looks)
    sha256 = secrets.token_hex(32)
    words = {"media_type": "image", "classification": CLASS, "reason": "Assessed", "sha256": sha256}
    file = SimpleUploadedFile("a.vpdq", text.encode())
    page = mine.post("/desk/indicators/propose/", {**words, "file": file}, follow=True).content.decode()
    assert "9 different frames out of 9" in page
    assert sha256 in page
    with acting(cast.hotline_ie):
        made = IndicatorFilm.objects.get(organisation_id=cast.hotline_ie.organisation_id).indicator_id
    broken = other.post(f"/desk/indicators/{made}/certify/", {"held": text[:90]}, follow=True).content.decode()
    assert "Frame 2: must be frame,quality,hash,seconds" in broken
    page = other.post(f"/desk/indicators/{made}/certify/", {"held": text}, follow=True).content.decode()
    assert "Certified. The indicator is active." in page
    body = {"media_type": "video", "classification": CLASS, "reason": "x", "vpdq": [f"{'ab' * 32},90,-1"]}
    key = cast.key(cast.hotline_ie, "indicators:propose")
    answer = client.post("/api/v1/indicators", body, "application/json", headers=key)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "vpdq")
    body["vpdq"] = json.loads(as_vpdq(film(9)))
    assert client.post("/api/v1/indicators", body, "application/json", headers=key).status_code == 201


def _copied(whole: Film, bits: int, frames: slice = slice(None)) -> Film:
    """Another encoding: each frame a few bits away, and perhaps only some of them."""
    looks = [
        FrameLook(one.number, one.time_ms, False, _turned(one.pdq, bits), one.quality) for one in whole.looks[frames]
    ]
    return Film(tuple(looks), float(len(looks)))


def _turned(value: bytes, bits: int) -> bytes:
    turned = int.from_bytes(value)
    for _ in range(bits):
        turned ^= 1 << secrets.randbelow(256)
    return turned.to_bytes(32)


def test_a_dossier_names_the_same_video_under_another_file(cast: Cast) -> None:
    whole = film(50)
    first = propose(cast, HashLine([], whole))
    other = register_propose.propose(
        cast.hotline_de,
        given=[HashValue("sha256", secrets.token_hex(32))],
        media_type="video",
        classification=CLASS,
        reason="Assessed",
        film=_copied(whole, 4),
    )
    clip = propose(cast, HashLine([], _copied(whole, 4, slice(0, 40))))
    stranger = propose(cast, made_up(50))
    found = {one.id: one for one in detail.load_detail(cast.hotline_de, other).alike}
    assert set(found) == {first, clip}
    assert found[first].shared >= found[clip].shared >= 8
    assert (found[first].kept, found[clip].kept) == (50, 40)
    assert detail.load_detail(cast.hotline_de, stranger).alike == []
    revoke.revoke(cast.centre, first, "It shows something else")
    assert [one.id for one in detail.load_detail(cast.hotline_de, other).alike] == [clip]
    page = cast.client(cast.hotline_de, "analyst").get(f"/desk/indicators/{other}/").content.decode()
    assert "Possibly the same video, or a part of it" in page
    assert str(clip) in page


def test_a_dossier_compares_and_opens_no_film(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = film(20)
    first, other = propose(cast, HashLine([], whole)), propose(cast, HashLine([], _copied(whole, 2)))

    def never(*_: object) -> None:
        raise AssertionError("a page that is only read costs no comparison")

    monkeypatch.setattr(video_frames, "opened", never)
    monkeypatch.setattr(proof_of_possession, "compared", never)
    assert [one.id for one in detail.load_detail(cast.hotline_de, other).alike] == [first]


def test_titles_that_many_films_have_make_them_no_copies(cast: Cast) -> None:
    titles, rest, others = film(6).looks, film(60).looks, film(60).looks

    def with_titles(looks: tuple[FrameLook, ...]) -> Film:
        behind = (replace(one, number=10_000 + one.number, time_ms=400_000 + one.time_ms) for one in looks)
        return Film((*titles, *behind), 66.0)

    propose(cast, HashLine([], with_titles(rest)))
    assert detail.load_detail(cast.hotline_de, propose(cast, HashLine([], with_titles(others)))).alike == []


def test_the_dossier_does_not_say_by_what_one_shows_to_hold_a_video(cast: Cast) -> None:
    said = made_up()
    made, still = propose(cast, said), [HashValue("sha256", secrets.token_hex(32))]
    picture = register_propose.propose(
        cast.hotline_ie, given=still, media_type="image", classification=CLASS, reason="x"
    )
    digests = {one.value for one in said.given}
    address = f"/desk/indicators/{made}/"
    stranger = cast.client(cast.hotline_de, "analyst").get(address).content.decode()
    assert not any(one in stranger for one in digests)
    assert "Digests of videos and of imported indicators are shortened" in stranger
    assert said.film is not None
    assert said.film.name in stranger
    assert digests.isdisjoint(one.shown for one in detail.load_detail(cast.hotline_de, made).hashes)
    # What names the frames shows nothing.
    with pytest.raises(NotTheSameVideo):
        certify.certify(cast.hotline_de, made, proof_of_possession.said(said.film.name))
    assert digests <= {one.shown for one in detail.load_detail(cast.hotline_ie, made).hashes}
    assert still[0].value in {one.shown for one in detail.load_detail(cast.hotline_de, picture).hashes}
    certify.certify(cast.hotline_de, made, PossessionProof((), said.film))
    assert digests <= {one.shown for one in detail.load_detail(cast.hotline_de, made).hashes}


def test_nobody_waits_for_a_comparison(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    said, compare = made_up(), proof_of_possession.compared
    made = propose(cast, said)

    def compared(listed: Film, own: Film) -> Any:
        assert not connection.in_atomic_block, "no transaction is open, and no lock"
        return compare(listed, own)

    monkeypatch.setattr(proof_of_possession, "compared", compared)
    assert certify.certify(cast.hotline_de, made, PossessionProof((), said.film))


def test_what_ends_while_a_film_is_compared_is_not_certified(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    said, compare = made_up(), proof_of_possession.compared
    made = propose(cast, said)

    def compared(listed: Film, own: Film) -> Any:
        revoke.revoke(cast.centre, made, "It shows something else")
        return compare(listed, own)

    monkeypatch.setattr(proof_of_possession, "compared", compared)
    with pytest.raises(NotCertifiable):
        certify.certify(cast.hotline_de, made, PossessionProof((), said.film))
    monkeypatch.setattr(
        proof_of_possession, "compared", lambda *_: pytest.fail("what cannot be certified is not compared")
    )
    with pytest.raises(NotCertifiable):
        certify.certify(cast.hotline_de, made, PossessionProof((), said.film))


def test_whoever_proposes_a_video_again_is_told(cast: Cast) -> None:
    read = json.loads(line(20))
    said = hash_lines.read(json.dumps(read))
    assert said.film is not None
    first = propose(cast, said)
    number = detail.load_detail(cast.hotline_ie, first).line.number
    for frame, copied in zip(read["picture"]["frames"], _copied(said.film, 3).looks, strict=True):
        frame["pdq"] = copied.pdq.hex()
    read["digests"] = json.loads(line())["digests"]
    words = {"media_type": "video", "classification": CLASS, "reason": "Assessed"}
    file = SimpleUploadedFile("a.json", json.dumps(read).encode())
    page = cast.client(cast.hotline_de, "analyst").post(
        "/desk/indicators/propose/", {**words, "file": file}, follow=True
    )
    assert f"The register already has this video, or a part of it: {number}." in page.content.decode()
