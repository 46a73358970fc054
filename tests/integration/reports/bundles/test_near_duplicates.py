"""Near duplicates: bundles whose pictures look alike are joined, with the distance, and decide nothing."""

from __future__ import annotations

import secrets
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.cast import Cast
from tests.support.reporting import item, report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.reports import retention
from tutela.reports.bundles import detail, image_index, merge_split, near_duplicates
from tutela.reports.bundles.image_index import RADIUS, Looks
from tutela.reports.bundles.similarity import Hits
from tutela.reports.models import BundleMove, Item, Look, Near, Report
from tutela.reports.triage import assess


def picture(value: int, quality: int = 90, **more: Any) -> dict[str, Any]:
    """An item of its own with one PDQ hash."""
    return {**item(), "pdq": [{"hash": f"{value:064x}", "quality": quality, "hasher": "x/1", **more}]}


def video(*values: int, **more: Any) -> dict[str, Any]:
    """A video of its own with a PDQ hash a frame."""
    hashes = [{"hash": f"{v:064x}", "quality": 90, "hasher": "x/1", "frame": n * 25} for n, v in enumerate(values)]
    return {**item(), "kind": "video", "media_type": "video/mp4", "pdq": hashes, **more}


def filed_videos(centre: Centre, *values: int, **more: Any) -> UUID:
    return centre.file(report(items=[video(*values, **more)], locations=[]))


def flipped(value: int, bits: int, start: int = 0) -> int:
    """A hash that differs in so many bits."""
    for bit in range(start, start + bits):
        value ^= 1 << bit
    return value


def some() -> int:
    return secrets.randbits(256)


@pytest.fixture
def centre(cast: Cast) -> Centre:
    made = Centre(cast)
    settle(made)
    return made


def settle(centre: Centre, kept: Looks | None = None) -> Looks:
    """What the worker does every minute."""
    kept = kept or Looks()
    while near_duplicates.compare(centre.machine, kept):
        pass
    return kept


def filed(centre: Centre, *values: int, **more: Any) -> UUID:
    return centre.file(report(items=[picture(value, **more) for value in values], locations=[]))


def bundle(centre: Centre, report_id: UUID) -> UUID:
    return UUID(str(centre.row(report_id).bundle_id))


def moves(centre: Centre, report_id: UUID) -> list[tuple[str, int | None]]:
    return [(one.kind, one.distance) for one in detail.open_bundle(centre.analyst, bundle(centre, report_id)).moves]


@pytest.mark.parametrize(("bits", "joined"), [(0, True), (1, True), (RADIUS, True), (RADIUS + 1, False), (128, False)])
def test_what_is_within_the_radius_shares_a_bundle_and_says_how_near_it_is(
    centre: Centre, bits: int, joined: bool
) -> None:
    value = some()
    first, second = filed(centre, value), filed(centre, flipped(value, bits))
    settle(centre)
    assert (bundle(centre, first) == bundle(centre, second)) is joined
    assert moves(centre, second) == ([("near", bits)] if joined else [])
    with acting(centre.machine):
        kinds = [e.kind for e in timeline("bundle", bundle(centre, second))]
    assert ("bundle.near" in kinds) is joined


def test_a_poor_hash_and_a_lone_frame_of_a_video_join_nothing(centre: Centre) -> None:
    value = some()
    first, poor, frame = filed(centre, value), filed(centre, value, quality=49), filed_videos(centre, value)
    settle(centre)
    assert len({bundle(centre, one) for one in (first, poor, frame)}) == 3
    with acting(centre.machine):
        assert not Look.objects.filter(report__report_id__in=[poor, frame]).exists()


def test_what_an_edge_reports_of_a_picture_is_the_picture(centre: Centre) -> None:
    """Its hasher calls a picture its frame 0."""
    value = some()
    first, second = filed(centre, value, frame=0), filed(centre, flipped(value, 6))
    settle(centre)
    assert bundle(centre, first) == bundle(centre, second)
    assert moves(centre, second) == [("near", 6)]


@pytest.mark.parametrize(
    ("frames", "shared", "joined"),
    [(10, 8, True), (10, 7, False), (2, 2, True), (10, 1, False), (300, 240, True), (300, 239, False)],
)
def test_videos_are_near_from_four_fifths_of_the_frames_of_either_on(
    centre: Centre, frames: int, shared: int, joined: bool
) -> None:
    same = [some() for _ in range(shared)]
    ours = same + [some() for _ in range(frames - shared)]
    theirs = [flipped(one, 5) for one in same] + [some() for _ in range(frames - shared)]
    first, second = filed_videos(centre, *ours), filed_videos(centre, *reversed(theirs))
    settle(centre)
    assert (bundle(centre, first) == bundle(centre, second)) is joined
    assert moves(centre, second) == ([("near", 5)] if joined else [])
    with acting(centre.machine):
        shares = list(Near.objects.filter(report__report_id__in=[first, second]).values_list("what", "percent"))
        assert shares == ([("video", 100 * shared // frames)] if joined else [])
        assert Look.objects.filter(report__report_id=first).count() == 1, "a video is one row, however long"


def test_a_clip_is_near_to_the_whole_and_a_shared_scene_is_not_enough(centre: Centre) -> None:
    whole, other = [some() for _ in range(40)], [some() for _ in range(30)]
    first, clip = filed_videos(centre, *whole), filed_videos(centre, *whole[10:16])
    alone = filed_videos(centre, *other, *whole[20:25])
    settle(centre)
    assert bundle(centre, first) == bundle(centre, clip) != bundle(centre, alone)
    with acting(centre.machine):
        row = Near.objects.get(report__report_id__in=[first, clip])
        assert sorted((row.percent or 0, row.other_percent or 0)) == [15, 100]
        asked = row.report.report_id
        assert (row.percent, row.other_percent) == ((15, 100) if asked == first else (100, 15))
    page = centre.cast.client(centre.machine, "analyst").get(f"/desk/reports/bundles/{bundle(centre, first)}/")
    assert "similar video, distance 0: 15 and 100 percent of their frames are visually similar" in page.content.decode()


def test_a_picture_like_a_frame_is_shown_and_joins_nothing(centre: Centre) -> None:
    frames = [some() for _ in range(5)]
    film, still = filed_videos(centre, *frames), filed(centre, flipped(frames[2], 4))
    settle(centre)
    assert bundle(centre, film) != bundle(centre, still)
    for one in (film, still):
        page = centre.cast.client(centre.machine, "analyst").get(f"/desk/reports/bundles/{bundle(centre, one)}/")
        assert "similar to a frame of a video, distance 4" in page.content.decode()


def test_a_moving_picture_of_one_look_is_a_picture(centre: Centre) -> None:
    value = some()
    blinking = video(value, value, kind="image", media_type="image/gif")
    first, second = centre.file(report(items=[blinking], locations=[])), filed(centre, flipped(value, 1))
    settle(centre)
    assert bundle(centre, first) == bundle(centre, second)


def test_likeness_decides_nothing_and_makes_nobody_one(centre: Centre) -> None:
    value = some()
    first = filed(centre, value)
    assess.assess(centre.analyst, first, "unfounded", "It shows a quay.", seen=0, code="not_sexual")
    second = filed(centre, flipped(value, 3))
    before = centre.row(second)
    settle(centre)
    after = centre.row(second)
    assert bundle(centre, first) == bundle(centre, second)
    for name in (
        "state",
        "decision",
        "duplicate_of_id",
        "urgency",
        "relevance_order",
        "reasons",
        "look_by",
        "certified",
    ):
        assert getattr(after, name) == getattr(before, name), name
    with acting(centre.machine):
        assert Item.objects.filter(bundle=after.bundle_id).count() == 2
    assert centre.clocks(second)["relevance"] == "running"


def test_the_page_explains_it_and_it_is_taken_back_for_good(centre: Centre) -> None:
    value = some()
    first, second = filed(centre, value), filed(centre, flipped(value, 7))
    kept = settle(centre)
    shown = centre.cast.client(centre.machine, "analyst").get(f"/desk/reports/bundles/{bundle(centre, second)}/")
    page = shown.content.decode()
    assert "similar picture, distance 7" in page
    assert "Visually similar items" in page
    with acting(centre.machine):
        move = BundleMove.objects.get(kind="near", target=bundle(centre, first))
    merge_split.undo(centre.analyst, move.pk, "another place")
    assert bundle(centre, first) != bundle(centre, second)
    third = filed(centre, flipped(value, 4))
    settle(centre, kept)
    assert bundle(centre, first) != bundle(centre, second), "what people took apart stays apart"
    assert bundle(centre, third) in {bundle(centre, first), bundle(centre, second)}
    (alike,) = [
        one
        for one in detail.open_bundle(centre.analyst, bundle(centre, first)).alike
        if one.row.report_id == second and one.near
    ]
    assert alike.near
    assert alike.near.distance == 7


def test_what_was_split_is_not_joined_again_round_a_corner(centre: Centre) -> None:
    value = some()
    first, second = filed(centre, value), filed(centre, flipped(value, 2))
    kept = settle(centre)
    merge_split.split(centre.analyst, bundle(centre, first), [second], "another place")
    big = filed(centre, flipped(value, 200))
    for _ in range(3):  # a third bundle, larger than both
        centre.file(
            report(items=[{**picture(1, quality=1), "sha256": "ab" * 16 + secrets.token_hex(16)}], locations=[])
        )
    bridge = filed(centre, flipped(value, 5), flipped(value, 200))
    settle(centre, kept)
    assert bundle(centre, first) != bundle(centre, second)
    assert bundle(centre, big) == bundle(centre, bridge)


def test_killed_anywhere_the_next_run_finishes_and_does_nothing_twice(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = some()
    ids = [filed(centre, flipped(value, n)) for n in range(4)]

    class Killed(BaseException):
        pass

    def killed(*_args: Any, **_more: Any) -> Any:
        raise Killed

    for module, name in (
        (image_index, "seal_all"),
        (near_duplicates.Looks, "read"),
        (near_duplicates, "_locked"),
        (near_duplicates, "insert_all"),
    ):
        with monkeypatch.context() as cut:
            cut.setattr(module, name, killed)
            with pytest.raises(Killed):
                settle(centre)
        with acting(centre.machine):
            assert Report.objects.filter(report_id__in=ids, to_compare__isnull=False).exists(), name
    settle(centre)
    assert len({bundle(centre, one) for one in ids}) == 1
    settle(centre)
    with acting(centre.machine):
        assert not Report.objects.filter(to_compare__isnull=False).exists()
        assert Look.objects.filter(report__report_id__in=ids).count() == 4
        here = bundle(centre, ids[0])
        assert BundleMove.objects.filter(target=here).count() + BundleMove.objects.filter(source=here).count() == 3


def test_two_workers_at_once_and_intake_meanwhile_lose_nothing(centre: Centre) -> None:
    value, ids, errors = some(), list[UUID](), list[BaseException]()

    def work(number: int) -> None:
        try:
            if number < 2:
                for step in range(6):
                    ids.append(filed(centre, flipped(value, number * 6 + step)))
            else:
                kept = Looks()
                for _ in range(8):
                    near_duplicates.compare(centre.machine, kept)
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert not errors
    settle(centre)
    assert len({bundle(centre, one) for one in ids}) == 1
    with acting(centre.machine):
        numbers = list(Look.objects.values_list("number", flat=True))
        assert len(numbers) == len(set(numbers))
        assert Look.objects.filter(report__report_id__in=ids).count() == 12


def test_hashes_lie_sealed_and_go_with_their_report(centre: Centre) -> None:
    value = some()
    first = filed(centre, value)
    kept = settle(centre)
    with acting(centre.machine):
        row = Look.objects.get(report__report_id=first)
        clear = bytes.fromhex(f"{value:064x}")
        assert clear not in bytes(row.sealed)
        assert clear not in bytes(row.blind)
    assert kept.near([clear]).distance.tolist() == [0]
    assess.assess(centre.analyst, first, "unfounded", "It shows a quay.", seen=0, code="not_sexual")
    with clock.simulate(clock.now() + timedelta(days=1)), acting(centre.machine):
        list(retention.erase_unfounded(centre.machine, clock.now()))
    with acting(centre.machine):
        left = Look.objects.get(pk=row.pk)
        assert bytes(left.sealed) == b""
        assert bytes(left.blind) != bytes(row.blind)
        assert subject_keys.unseal_all("report", [(first, bytes(row.sealed), f"look:{row.pk}")]) == [None]
    second = filed(centre, flipped(value, 1))
    settle(centre, kept)
    assert kept.near([clear]).distance.tolist() == [1], "it is gone from memory too"
    assert moves(centre, second) == []


def test_another_report_of_the_same_item_takes_over_its_look(centre: Centre) -> None:
    value = some()
    shared = picture(value)
    said = report(items=[shared], locations=[])
    first = centre.file(said)
    # The same once more: it goes with the first one, and keeps nothing for anybody.
    centre.file(said.model_copy(update={"report_id": uuid7()}))
    other = centre.file(report(items=[{**shared}], locations=[]))
    kept = settle(centre)
    assess.assess(centre.analyst, first, "unfounded", "It shows a quay.", seen=0, code="not_sexual")
    with clock.simulate(clock.now() + timedelta(days=1)), acting(centre.machine):
        list(retention.erase_unfounded(centre.machine, clock.now()))
    settle(centre, kept)
    with acting(centre.machine):
        rows = Look.objects.filter(item__sightings__report__report_id=other).exclude(sealed=b"")
        assert rows.get().report.report_id == other


def test_what_is_to_be_kept_anew_while_it_is_compared_is_not_forgotten(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = picture(some())
    first = centre.file(report(items=[shared], locations=[]))
    settle(centre)
    other = centre.file(report(items=[{**shared}], locations=[]))
    assess.assess(centre.analyst, first, "unfounded", "It shows a quay.", seen=0, code="not_sexual")

    def near(self: Looks, hashes: list[bytes]) -> Hits:
        with clock.simulate(clock.now() + timedelta(days=1)), acting(centre.machine):
            list(retention.erase_unfounded(centre.machine, clock.now()))
        return Hits(*[np.empty(0, np.int64)] * 4)

    with monkeypatch.context() as while_compared:
        while_compared.setattr(Looks, "near", near)
        near_duplicates.compare(centre.machine, Looks())
    settle(centre)
    with acting(centre.machine):
        rows = Look.objects.filter(item__sightings__report__report_id=other).exclude(sealed=b"")
        assert rows.get().report.report_id == other


def test_a_process_that_starts_knows_what_others_have_kept(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    value = some()
    first = filed(centre, value)
    settle(centre)
    monkeypatch.setattr(image_index, "CHUNK", 2)
    second = filed(centre, flipped(value, 9))
    settle(centre, Looks())
    assert bundle(centre, first) == bundle(centre, second)


def test_the_list_of_bundles_says_how_alike_what_was_joined_is(centre: Centre) -> None:
    value = some()
    first, second = filed(centre, value), filed(centre, flipped(value, 11))
    settle(centre)
    (line,) = [one for one in detail.list_bundles(centre.analyst) if one.id == bundle(centre, first)]
    assert (line.cases, line.distance) == (2, 11)
    merge_split.split(centre.analyst, bundle(centre, first), [second], "another place")
    assert bundle(centre, first) not in {one.id for one in detail.list_bundles(centre.analyst)}


def test_strangers_see_no_bundle(centre: Centre) -> None:
    first = filed(centre, some())
    settle(centre)
    address = f"/desk/reports/bundles/{bundle(centre, first)}/"
    assert Client().get(address).status_code == 302
    assert centre.cast.client(centre.cast.pixelpost, "reviewer").get(address).status_code == 404


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 70), min_size=2, max_size=7), st.randoms(use_true_random=False))
def test_bundles_are_what_brute_force_finds(centre: Centre, offsets: list[int], random: Any) -> None:
    """Hashes along a line of bits: two are near where their counts of flipped bits are. Any order gives the same."""
    base = some()
    values = [flipped(base, bits) for bits in offsets]
    reports = [filed(centre, value) for value in values]
    kept = Looks()
    if random.random() < 0.5:
        settle(centre, kept)
    group = list(range(len(values)))
    for one, left in enumerate(values):
        for two, right in enumerate(values):
            if (left ^ right).bit_count() <= RADIUS and group[one] != group[two]:
                group = [group[one] if g == group[two] else g for g in group]
    settle(centre, kept)
    found = [bundle(centre, one) for one in reports]
    assert [[a == b for b in found] for a in found] == [[a == b for b in group] for a in group]
    with acting(centre.machine):
        for row in Near.objects.filter(report__report_id__in=reports):
            assert row.distance <= RADIUS
