"""Our `vpdq` in python-threatexchange: the library's own tests run against it, and its rule beside ours."""

from __future__ import annotations

import importlib.util
import io
import itertools
import json
import pickle
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threatexchange.content_type.photo import PhotoContent
from threatexchange.content_type.video import VideoContent
from threatexchange.interface_validation import SignalTypeMapping

from tests.support.matching_lists import flipped, pdq
from tests.support.threatexchange import harness, loaded
from tests.support.videos import video
from tutela.edge.client.threatexchange import TX_MANIFEST
from tutela.edge.client.threatexchange_vpdq import TutelaVpdqIndex, TutelaVpdqSignal, VpdqSimilarity
from tutela.media.video.vpdq import read_json, read_lines

# It looks into attributes of the library's own index.
PRIVATE = {"test_simple"}


if importlib.util.find_spec("vpdq") is None:
    # Built from source; the library's texts are read without it, but not imported.
    stand_in: Any = types.ModuleType("vpdq")
    stand_in.VpdqFeature = object
    sys.modules["vpdq"] = stand_in
for package in ("threatexchange.tests", "threatexchange.tests.hashing", "threatexchange.extensions.vpdq.tests"):
    sys.modules.setdefault(package, types.ModuleType(package))
loaded("hashing_utils", "threatexchange.tests.hashing.utils")
loaded("utils", "threatexchange.extensions.vpdq.tests.utils")
theirs = loaded("test_vpdq_faiss", "threatexchange.extensions.vpdq.tests.test_vpdq_faiss")
helper = harness()
LIBRARY_INDEX, LIBRARY_SIGNAL = theirs.VPDQIndex, theirs.VPDQSignal
theirs.VPDQIndex, theirs.VPDQSimilarityInfo, theirs.VPDQSignal = TutelaVpdqIndex, VpdqSimilarity, TutelaVpdqSignal
CASES = sorted(name for name in vars(theirs) if name.startswith("test_") and name not in PRIVATE)
EXAMPLE = TutelaVpdqSignal.get_examples()[0]


@pytest.mark.parametrize("case", CASES)
def test_the_librarys_own_case_holds_for_ours(case: str) -> None:
    getattr(theirs, case)()


def test_there_are_as_many_of_the_librarys_cases_as_it_has() -> None:
    assert len(CASES) == 13


class TestByTheLibrarysHarness(helper.SignalTypeAutoTest):  # type: ignore[misc, name-defined]
    """The checks that the library runs on its own signal types."""

    TYPE = TutelaVpdqSignal

    def get_validate_hash_cases(self) -> Iterator[Any]:
        yield EXAMPLE
        yield ""
        zeros = "0" * 64
        for wrong in ("x", "[1]", '["a,b,c"]', f'["{zeros}0,100,1"]', f'["{zeros},101,1"]', f'["{zeros},9,-1"]'):
            yield wrong, ValueError

    def get_compare_hash_cases(self) -> Iterator[Any]:
        part = json.dumps(json.loads(EXAMPLE)[:2])
        yield EXAMPLE, EXAMPLE, True, VpdqSimilarity(100.0, 100.0)
        yield part, EXAMPLE
        yield EXAMPLE, "[]", False, VpdqSimilarity(0.0, 0.0)


def test_one_line_of_configuration_brings_both_signals() -> None:
    mapping = SignalTypeMapping([PhotoContent, VideoContent], list(TX_MANIFEST.signal_types))
    assert mapping.signal_type_by_name["vpdq"] is TutelaVpdqSignal
    assert set(mapping.signal_type_by_name) == {"pdq", "vpdq"}


def text(numbers: list[tuple[int, int, int]]) -> str:
    return json.dumps(
        [
            f"{flipped(pdq(one), list(range(bits))).hex()},{quality},{at}.0"
            for at, (one, bits, quality) in enumerate(numbers)
        ]
    )


bags = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40), st.integers(40, 100)), min_size=1, max_size=10)


@given(st.lists(bags, min_size=1, max_size=4), bags, st.floats(0, 100), st.floats(0, 100))
def test_the_index_answers_what_the_librarys_does(
    videos: list[Any], query: Any, query_percent: float, index_percent: float
) -> None:
    entries = [(text(one), number) for number, one in enumerate(videos) if any(quality >= 50 for *_, quality in one)]
    given_ = {"query_match_threshold_pct": query_percent, "index_match_threshold_pct": index_percent}
    ours, library = TutelaVpdqIndex.build(entries, **given_), LIBRARY_INDEX.build(entries, **given_)

    def answers(index: Any) -> set[Any]:
        return {
            (one.metadata, one.similarity_info.query_match_percent, one.similarity_info.compared_match_percent)
            for one in index.query(text(query))
        }

    assert answers(ours) == answers(library)


@given(bags, bags)
def test_two_hashes_compare_as_the_library_compares_them(one: Any, other: Any) -> None:
    # The library leaves equal hashes out before poor ones, so that the quality of the first decides for all.
    one, other = ([(number, bits, 40 + (7 * number + bits) % 61) for number, bits, _ in bag] for bag in (one, other))
    if not all(any(quality >= 50 for *_, quality in bag) for bag in (one, other)):
        return  # the library divides by zero
    ours, library = (kind.compare_hash(text(one), text(other)) for kind in (TutelaVpdqSignal, LIBRARY_SIGNAL))
    assert ours.match == library.match
    assert vars(ours.distance) == vars(library.distance)


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_an_index_of_any_size_matches_after_a_restart(count: int) -> None:
    entries = [(text([(one, 0, 90), (one + 5000, 0, 90)]), {"id": one}) for one in range(count)]
    held = io.BytesIO()
    TutelaVpdqIndex.build(entries, index_match_threshold_pct=50).serialize(held)
    again = TutelaVpdqIndex.deserialize(io.BytesIO(held.getvalue()))
    for index in (again, pickle.loads(pickle.dumps(again))):
        assert len(index) == count
        for value, entry in itertools.islice(entries, 3):
            assert [match.metadata for match in index.query(value)] == [entry]
        assert index.query(text([(one, 0, 90) for one in range(10)])) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"TUTELAVX",
        pickle.dumps({}),
        b"TUTELAVX" + b"\xff" * 40,
        b"TUTELAVX\x02\0\0\0\0\0\0\0{}",
        b"TUTELAVX\x04\0\0\0\0\0\0\0null",
        b"TUTELAVX\x02\0\0\0\0\0\0\0xx",
    ],
)
def test_an_index_that_is_none_is_refused_and_never_run(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"index|Expecting"):
        TutelaVpdqIndex.deserialize(io.BytesIO(data))


def test_a_video_is_hashed_a_frame_a_second_or_as_often_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "video"
    path.write_bytes(video())
    hashed = TutelaVpdqSignal.hash_from_file(path)
    assert [one.seconds for one in read_json(hashed)] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert len(read_json(TutelaVpdqSignal.hash_from_file(path, 0.2))) == 25
    assert TutelaVpdqSignal.compare_hash(hashed, hashed).match
    (tmp_path / "text").write_text("no video")
    with pytest.raises(ValueError, match="not_a_picture"):
        TutelaVpdqSignal.hash_from_file(tmp_path / "text")


@pytest.mark.skipif(
    not hasattr(sys.modules.get("vpdq") or importlib.import_module("vpdq"), "computeHash"),
    reason="no vpdq: it is built from source",
)
def test_the_reference_hashes_the_same_frames(tmp_path: Path) -> None:
    import vpdq

    for kind in ("h264-mp4", "hevc-mp4", "vp9-webm", "av1-mp4", "mpeg4-avi"):
        path = tmp_path / kind
        path.write_bytes(video(kind))
        ours = read_json(TutelaVpdqSignal.hash_from_file(path))
        for mine, other in zip(ours, vpdq.computeHash(str(path), seconds_per_hash=1.0), strict=True):
            assert mine.seconds == pytest.approx(other.timestamp, abs=0.001)
            assert abs(mine.quality - other.quality) <= 2
            if other.quality >= 80:
                assert (int(other.hex, 16) ^ int.from_bytes(mine.pdq)).bit_count() <= 10


def test_the_forms_of_the_library_and_of_its_hasher_hold_the_same() -> None:
    values = read_json(EXAMPLE)
    lines = "".join(f"{at},{one.quality},{one.pdq.hex()},{one.seconds:.3f}\n" for at, one in enumerate(values))
    assert [(one.pdq, one.seconds) for one in read_lines(lines)] == [(one.pdq, one.seconds) for one in values]
