"""python-threatexchange with our `pdq`: its loading, harness and rules, and its own signal's answers beside ours."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threatexchange.content_type.photo import PhotoContent
from threatexchange.content_type.video import VideoContent
from threatexchange.extensions.manifest import ThreatExchangeExtensionManifest
from threatexchange.interface_validation import SignalTypeMapping
from threatexchange.signal_type.index import SignalSimilarityInfoWithIntDistance
from threatexchange.signal_type.md5 import VideoMD5Signal
from threatexchange.signal_type.pdq.pdq_index import PDQFlatIndex
from threatexchange.signal_type.pdq.signal import PdqSignal

from tests.support.pictures import photos
from tests.support.threatexchange import harness
from tests.support.tree import ROOT

MANIFEST = ThreatExchangeExtensionManifest.load_from_module_name("tutela.edge.client.threatexchange")
OURS = MANIFEST.signal_types[0]
INDEX = OURS.get_index_cls()

hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)


def found(index: Any, query: str) -> set[tuple[int, Any]]:
    return {(match.similarity_info.distance, match.metadata) for match in index.query(query)}


def near(value: str, bits: list[int]) -> str:
    number = int(value, 16)
    for bit in bits:
        number ^= 1 << bit
    return f"{number:064x}"


class TestByTheLibrarysHarness(harness().SignalTypeAutoTest):  # type: ignore[misc]
    """The checks that the library runs on its own signal types."""

    TYPE = OURS

    def get_validate_hash_cases(self) -> Iterator[Any]:
        yield from PdqSignal.get_examples()
        yield "0" * 64
        yield "AB" * 32, "ab" * 32
        for wrong in ("", "a", "0" * 63, "0" * 65, "g" * 64, "0" * 64 + "\n"):
            yield wrong, ValueError

    def get_compare_hash_cases(self) -> Iterator[Any]:
        one = PdqSignal.get_examples()[0]
        yield one, one
        for bits, match in ((0, True), (1, True), (31, True), (32, False), (256, False)):
            yield one, near(one, list(range(bits))), match, SignalSimilarityInfoWithIntDistance(bits)


def lines_of_the_page() -> list[str]:
    """What docs/howto/hma.md tells a reader to write into Python files, line by line."""
    page = (ROOT / "docs" / "howto" / "hma.md").read_text()
    return [line for block in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S) for line in block.splitlines()]


def test_line_that_the_page_gives_puts_ours_into_hmas_configuration() -> None:
    first, *_ = lines_of_the_page()
    assert first.endswith(" as PdqSignal"), "it takes the place of the configuration's own import"
    configuration: dict[str, Any] = {"PdqSignal": PdqSignal, "VideoMD5Signal": VideoMD5Signal}
    exec(first, configuration)
    signals = eval("[PdqSignal, VideoMD5Signal]", configuration)
    mapping = SignalTypeMapping([PhotoContent, VideoContent], signals)
    assert mapping.signal_type_by_name["pdq"] is OURS
    assert OURS.get_name() == PdqSignal.get_name()
    assert (OURS.INDICATOR_TYPE, OURS.get_content_types()) == (PdqSignal.INDICATOR_TYPE, [PhotoContent])


def test_lines_that_the_page_gives_load_both_signals_as_an_extension() -> None:
    _, *rest = lines_of_the_page()
    program: dict[str, Any] = {}
    exec("\n".join(rest), program)
    assert program["manifest"].signal_types == MANIFEST.signal_types
    assert [one.get_name() for one in MANIFEST.signal_types] == ["pdq", "vpdq"]


def test_the_librarys_examples_hold() -> None:
    for example in PdqSignal.get_examples():
        assert OURS.validate_signal_str(example) == example
        assert OURS.compare_hash(example, example).match
    assert OURS.validate_signal_str(OURS.get_random_signal())


@pytest.mark.parametrize("wrong", ["", "a", "0" * 63, "0" * 65, "g" * 64, "0" * 64 + "\n", " " + "0" * 63, "٣" * 64])
def test_what_is_no_hash_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        OURS.validate_signal_str(wrong)


@given(hashes, st.lists(st.integers(0, 255), max_size=40, unique=True))
def test_two_hashes_compare_as_the_library_compares_them(value: str, bits: list[int]) -> None:
    ours, theirs = OURS.compare_hash(value, near(value, bits)), PdqSignal.compare_hash(value, near(value, bits))
    assert (ours.match, ours.distance) == (theirs.match, theirs.distance)


@given(st.lists(hashes, max_size=30), st.data())
def test_the_index_answers_what_exhaustive_search_does(values: list[str], data: st.DataObject) -> None:
    entries = [(value, number) for number, value in enumerate([*values, *values[:3]])]
    ours, exhaustive = INDEX.build(entries), PDQFlatIndex.build(entries)
    base = data.draw(st.sampled_from(values)) if values else "0" * 64
    query = near(base, data.draw(st.lists(st.integers(0, 255), max_size=34, unique=True)))
    expected = (
        {(distance, entry) for distance, entry in found(exhaustive, query) if distance <= 31} if values else set()
    )
    assert found(ours, query) == expected


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1025])
def test_an_index_of_any_size_matches_after_a_restart(count: int) -> None:
    entries = [(OURS.get_random_signal(), {"id": number}) for number in range(count)]
    held = io.BytesIO()
    INDEX.build(entries).serialize(held)
    again = INDEX.deserialize(io.BytesIO(held.getvalue()))
    pickled = pickle.loads(pickle.dumps(again))
    for index in (again, pickled):
        assert len(index) == count
        for value, entry in entries[:3] + entries[-3:]:
            assert [match.metadata for match in index.query(value)] == [entry]


def test_entries_come_later_and_equal_hashes_keep_all_of_theirs() -> None:
    index = INDEX.build([("a" * 64, "first")])
    index.add("a" * 64, "second")
    index.add_all([("b" * 64, "third"), ("a" * 64, "fourth")])
    assert found(index, "a" * 64) == {(0, "first"), (0, "second"), (0, "fourth")}
    with pytest.raises(ValueError, match="64 hex digits"):
        index.add_all([("c" * 64, "fifth"), ("x", "sixth")])
    assert len(index) == 4
    assert not found(index, "c" * 64)


@pytest.mark.parametrize("data", [b"", b"TUTELATX", pickle.dumps({}), b"TUTELATX" + b"\xff" * 40])
def test_an_index_that_is_none_is_refused_and_never_run(data: bytes) -> None:
    with pytest.raises(ValueError, match="index"):
        INDEX.deserialize(io.BytesIO(data))


def test_photographs_hash_within_the_librarys_own_threshold() -> None:
    for path in photos()[:4]:
        ours, theirs = OURS.hash_from_bytes(path.read_bytes()), PdqSignal.hash_from_bytes(path.read_bytes())
        assert OURS.compare_hash(ours, theirs).distance.distance <= 10
        assert OURS.hash_from_file(path) == ours


def test_what_is_no_picture_is_an_error_and_a_flat_one_has_no_hash(tmp_path: Path) -> None:
    from PIL import Image

    with pytest.raises(ValueError, match="not_a_picture"):
        OURS.hash_from_bytes(b"text")
    flat = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(flat, "PNG")
    assert OURS.hash_from_bytes(flat.getvalue()) == ""
